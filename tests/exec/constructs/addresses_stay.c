/* Whatever has its address taken has the same one after every suspension; distinct variables have distinct ones. */
#include "construct.h"

static int count;

static void check(const void *then, const void *now) { count += then == now; }

static void coroutine_fn test(void)
{
    int i = 1, a[3] = { 1, 2, 3 };
    struct { char c; double d; } s = { 'x', 2 };
    const void *pi = &i, *pa = &a[1], *ps = &s.d;

    for (int round = 0; round < 3; round++) {
        int inner = round;
        const void *pn = &inner;
        may_wait();
        check(pi, &i), check(pa, &a[1]), check(ps, &s.d), check(pn, &inner);
        may_wait();
        check(pn, &inner);
        say("distinct", pi != pn && pa != ps);
    }
    say("count", count);
    count = 0;
}
