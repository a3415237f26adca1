/* Atomics, inline assembly, vectors, bits, volatile. */
typedef int v4 __attribute__((vector_size(16)));
v4 larger(v4 a, v4 b) { v4 m = a > b; return (a & m) | (b & ~m); }
int add(int *p) { return __atomic_fetch_add(p, 2, __ATOMIC_ACQ_REL) + __atomic_load_n(p, __ATOMIC_SEQ_CST); }
_Bool cas(long *p, long *old) { return __atomic_compare_exchange_n(p, old, 7, 1, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED); }
unsigned high(unsigned long x) { return __builtin_clzl(x) + __builtin_popcount((unsigned)x); }
int poll(volatile int *flag) { int n = 0; while (!*flag) n++; return n; }
unsigned long ask(unsigned a, unsigned long *m)
{
    register unsigned long r10 asm("r10") = 3;
    asm volatile("xadd %k1, %0 # $5 %%" : "+m"(*m), "+r"(a) : "r"(r10), "D"(4) : "cc", "memory");
    return a;
}
_Bool over(int a, int b, int *r) { return __builtin_mul_overflow(a, b, r); }
