/* Struct parameters, in registers and in memory: their address escapes, the caller's object does not change. */
#include "construct.h"

struct small { int a, b; };
struct large { long v[8]; };

static void coroutine_fn poke(int *p) { may_wait(); *p = 77; }
static void coroutine_fn poke_long(long *p) { may_wait(); *p = 88; }

static long coroutine_fn f(struct small s, struct large l, struct large *other)
{
    struct large *same = &l;
    poke(&s.b);
    poke_long(&l.v[6]);
    may_wait();
    other->v[0] = 5;
    return s.a + s.b + same->v[6] * 100 + l.v[0];
}

static void coroutine_fn test(void)
{
    struct small s = { 1, 2 };
    struct large l = { { 3 } };

    say("f", f(s, l, &l));
    say("s.b", s.b), say("l.v[6]", l.v[6]), say("l.v[0]", l.v[0]);
}
