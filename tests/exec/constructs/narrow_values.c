/* Integers narrower than a register come back as C says: sign, zero and _Bool. */
#include "construct.h"

static signed char coroutine_fn sc(int x) { may_wait(); return (signed char)x; }
static unsigned char coroutine_fn uc(int x) { may_wait(); return (unsigned char)x; }
static short coroutine_fn ss(int x) { may_wait(); return (short)x; }
static unsigned short coroutine_fn us(int x) { may_wait(); return (unsigned short)x; }
static _Bool coroutine_fn tr(int x) { may_wait(); return x; }
enum e { A = -1, B = 7 };
static enum e coroutine_fn en(int x) { may_wait(); return x ? A : B; }
static unsigned coroutine_fn un(long x) { may_wait(); return (unsigned)x; }
static long coroutine_fn args(signed char a, unsigned char b, short c, unsigned short d, _Bool e, int f, unsigned g)
{
    may_wait();
    return a + b * 2 + c * 3l + d * 4l + e * 5 + f * 6l + g * 7l;
}

static void coroutine_fn test(void)
{
    say("sc", sc(200)), say("uc", uc(-1)), say("ss", ss(70000)), say("us", us(-2));
    say("tr", tr(256)), say("en", en(1)), say("en", en(0)), say("un", un(-1));
    say("sum", sc(-1) + uc(255) + ss(-300) + us(65535) + tr(2));
    say("args", args((signed char)get(-100), (unsigned char)get(200), (short)get(-30000), 65535, 1, -1, 4000000000u));
}
