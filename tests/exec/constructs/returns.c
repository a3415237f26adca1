/* Every form of return: tail calls, with conversions, from loops, of structs and of void calls. */
#include "construct.h"

struct big { long v[4]; };

static short coroutine_fn shorter(long x) { return (short)get(x); }
static long coroutine_fn longer(int x) { return shorter(x); }
static unsigned char coroutine_fn byte(int x) { return (unsigned char)longer(x); }
static long coroutine_fn tail(int x) { return get(x); }
static long coroutine_fn choose(int x) { return x ? get(1) : tail(2); }
static void coroutine_fn nothing(void) { return may_wait(); }
static struct big coroutine_fn make(long x) { struct big b = { { x, x } }; may_wait(); return b; }
static struct big coroutine_fn pass(long x) { return make(x); }
static long coroutine_fn boxed(int x) { int y = x, *p = &y; may_wait(); return get(*p += 1); }
static long coroutine_fn loop(int x) { for (;;) { if (x > 5) { return get(x); } x++; may_wait(); } }
static double coroutine_fn widen(int x) { return (float)get(x) / 3; }
static _Bool coroutine_fn truth(int x) { return get(x); }

static void coroutine_fn test(void)
{
    say("shorter", shorter(70000)), say("longer", longer(40000)), say("byte", byte(300));
    say("choose", choose(0) * 10 + choose(1));
    nothing();
    say("pass", pass(7).v[1]), say("boxed", boxed(3)), say("loop", loop(2));
    printf("%.9g %d\n", widen(1), truth(256));
}
