/* More arguments than registers: what does not fit goes to memory whole. */
#include "construct.h"

struct two { long a, b; };
struct fd { float f; double d; };
struct big { int v[9]; };

static long coroutine_fn all(int a, struct two b, long c, struct two d, double e, struct fd f, struct two g, struct big h,
                             char i, float j, struct fd k, struct fd l, struct fd m, struct fd n, struct two *o)
{
    long s = a + b.a * 2 + b.b * 3 + c * 5 + d.a * 7 + d.b * 11;

    may_wait();
    s += (long)(e * 13 + f.f * 17 + f.d * 19) + g.a * 23 + g.b * 29 + h.v[8] * 31 + i * 37;
    may_wait();
    return s + (long)(j * 41 + k.d * 43 + l.f * 47 + m.d * 53 + n.f * 59 + n.d * 61) + o->b;
}

static void coroutine_fn test(void)
{
    struct two t = { 3, get(4) };
    struct fd f = { 1.5f, 2.5 };

    say("all", all(1, t, 2, (struct two){ get(5), 6 }, 0.5, f, t, (struct big){ .v[8] = (int)get(7) }, 'a', 2.5f, f,
                   (struct fd){ 4, 8 }, f, (struct fd){ 1, (double)get(3) }, &t));
}
