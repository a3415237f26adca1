/* _Atomic objects and builtins: single machine operations, or a loop where there is none. */
_Atomic int count;
_Atomic float level;

int f(int *p)
{
    count += 2;
    level *= 1.5f;
    int expected = 1;
    __atomic_compare_exchange_n(p, &expected, 2, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    return count++ + __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
