/* Operands of sizeof, typeof and _Generic are not evaluated, but those of variable length are. */
#include "construct.h"

static int calls;

static long coroutine_fn touch(long x) { calls++; may_wait(); return x; }

static void coroutine_fn test(void)
{
    typeof(touch(1)) x = 5;
    int n = (int)sizeof(touch(2)) + _Generic(touch(3), long: 1, default: 2) + (int)_Alignof(typeof(x));

    say("n", n), say("calls", calls);
    n = (int)sizeof(char[touch(7)]);
    say("n", n), say("calls", calls);
    typedef int row[touch(3)];
    may_wait();
    row r;
    say("row", (long)sizeof r), say("calls", calls);
    n = __builtin_choose_expr(1, 5, touch(1)) + __builtin_constant_p(touch(1));
    say("n", n), say("calls", calls);
    calls = 0;
}
