/* Mutual recursion, also through pointers. */
#include "construct.h"

static int coroutine_fn odd(unsigned n);
static int coroutine_fn even(unsigned n) { return n == 0 ? 1 : odd((unsigned)get(n - 1)); }
static int coroutine_fn odd(unsigned n) { may_wait(); return n == 0 ? 0 : even(n - 1); }

typedef long coroutine_fn Step(long n, void *next);

static long coroutine_fn a(long n, void *next)
{
    Step *f = (Step *)next;
    return n <= 0 ? 0 : n + f(n - 1, (void *)a);
}

static long coroutine_fn b(long n, void *next)
{
    Step *f = (Step *)next;
    long x = get(n * 2);
    return n <= 0 ? x : x - f(n - 2, (void *)b);
}

static void coroutine_fn test(void)
{
    say("even", even(31)), say("odd", odd(30));
    say("a", a(20, (void *)b));
}
