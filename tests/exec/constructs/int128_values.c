/* 128-bit integers across suspensions, as arguments and results, also when they are split between registers. */
#include "construct.h"

typedef __int128 wide;
typedef unsigned __int128 uwide;

static wide coroutine_fn square(wide x) { may_wait(); return x * x; }
static uwide coroutine_fn late(long a, long b, long c, long d, long e, uwide x) { may_wait(); return x + a + b + c + d + e; }
static void show(const char *what, uwide x) { printf("%s %lx %lx\n", what, (long)(x >> 64), (long)x); }

static void coroutine_fn test(void)
{
    wide a = (wide)1 << 100, b = -5;
    uwide c = ~(uwide)0;

    a += square(b);
    may_wait();
    c = late(1, 2, 3, 4, 5, c >> 3) * 3;
    b = square(square(b)) - a;
    show("a", a), show("b", b), show("c", c);
    say("less", b < a);
    a >>= get(90);
    show("a", a);
}
