/* A variable length array keeps its contents and its address across suspensions. */
#include "construct.h"

static int coroutine_fn fill(int n)
{
    int a[n], *first = a, sum = 0;

    for (int i = 0; i < n; i++) {
        a[i] = (int)get(i * n);
    }
    may_wait();
    for (int i = 0; i < n; i++) {
        sum += a[i];
    }
    say("same address", first == a);
    return sum;
}

static void coroutine_fn test(void)
{
    for (int n = 1; n < 200; n *= 3) {
        say("sum", fill(n));
    }
}
