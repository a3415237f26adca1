/* volatile variables, members and pointers keep their last value; an access is made exactly where it stands. */
#include "construct.h"

struct device { volatile int status; int other; };

static volatile int shared;

static void coroutine_fn test(void)
{
    volatile int v = 1;
    volatile struct device d = { 2, 3 }, *p = &d;
    volatile double x = (double)get(4);

    v += (int)get(10);
    shared = v;
    may_wait();
    p->status++;
    may_wait();
    d.other = shared + v;
    x = x / 8;
    may_wait();
    struct device copy = *(struct device *)&d;
    say("v", v), say("status", p->status), say("other", copy.other), say("x", (long)(x * 100));
}
