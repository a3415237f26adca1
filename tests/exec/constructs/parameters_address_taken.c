/* Parameters are objects: their address is kept and written through across suspensions. */
#include "construct.h"

static long *kept;

static void coroutine_fn add(long *p, long n) { may_wait(); *p += n; may_wait(); }
static void hold(long *p) { kept = p; }

static long coroutine_fn f(long a, short b, double d, long c)
{
    hold(&c);
    add(&a, 10);
    may_wait();
    *kept += 5;
    short *pb = &b;
    *pb += (short)get(2);
    double *pd = &d;
    may_wait();
    *pd *= 2;
    return a * 1000 + b * 100 + (long)d * 10 + c + (kept == &c);
}

static void coroutine_fn test(void)
{
    say("f", f(1, 2, 3.5, 4));
}
