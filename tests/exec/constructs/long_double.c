/* long double across suspensions, as argument, result and member. */
#include "construct.h"

struct pair { long double a; int b; };

static long double coroutine_fn half(long double x) { may_wait(); return x / 2; }
static struct pair coroutine_fn make(long double x, int y) { may_wait(); return (struct pair){ half(x), y }; }

static void coroutine_fn test(void)
{
    long double a = 1.0L / 3, b = half(a), c[3] = { a, b, half(b) };

    may_wait();
    a += half(c[2]) + c[1];
    struct pair p = make(a, 7);
    printf("%.15Lg %.15Lg %.15Lg %.15Lg %d\n", a, b, c[2], p.a, p.b);
    long double (coroutine_fn *f)(long double) = half;
    a = f(f(a)) + half(half(b));
    printf("%.15Lg\n", a);
}
