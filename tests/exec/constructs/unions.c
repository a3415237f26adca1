/* Unions keep all their bytes, whichever member was written; as arguments and results too. */
#include "construct.h"

union number { long l; double d; unsigned char bytes[8]; struct { int low, high; }; };
union wide { char c; long double ld; long many[6]; };

static union number coroutine_fn flip(union number n) { may_wait(); n.bytes[7] ^= 0x80; return n; }
static union wide coroutine_fn bump(union wide w) { w.many[5]++; may_wait(); return w; }

static void coroutine_fn test(void)
{
    union number n = { .d = 1.5 };
    union wide w;

    memset(&w, 1, sizeof w);
    n.low = (int)get(7);
    may_wait();
    n = flip(n);
    say("negative", n.d < 0);
    say("low", n.low);
    w = bump(w);
    may_wait();
    w.c = (char)get(3);
    say("c", w.c);
    say("many", w.many[5]);
    say("many", w.many[0]);
}
