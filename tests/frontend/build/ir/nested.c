/* Nested functions: the chain of addresses, its way through levels, and a trampoline. */
int apply(int (*f)(int));

int outer(int n)
{
    int a = 1;
    int inner(int x)
    {
        int deeper(void) { return a + n; }
        return deeper() + x;
    }
    return inner(2) + apply(inner);
}
