/* Parameters of variable length types, and a static one: the sizes are evaluated at the call. */
#include "construct.h"

static int sizes;

static int size(int n) { sizes++; return n; }

static long coroutine_fn sum(int n, int m, int a[size(n)][m], int b[static 2])
{
    long s = 0;

    for (int i = 0; i < n; i++) {
        may_wait();
        for (int j = 0; j < m; j++) {
            s += a[i][j] * b[1];
        }
    }
    return s + (long)sizeof a[0];
}

static void coroutine_fn test(void)
{
    int a[3][4] = { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 } }, b[2] = { 1, 2 };

    say("sum", sum(3, 4, a, b));
    say("sizes", sizes);
    int n = 2, *p = &n;
    int c[*p], d[*p * 2][*p];
    may_wait();
    say("by a pointer", (long)(sizeof c + sizeof d));
}
