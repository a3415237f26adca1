/* static inline, always_inline and noinline functions, and an asm label. */
#include "construct.h"

static inline int coroutine_fn a(int x) { may_wait(); return x + 1; }
static inline __attribute__((always_inline)) int coroutine_fn b(int x) { int y = a(x); may_wait(); return y * 2; }
static __attribute__((noinline)) int coroutine_fn c(int x) { return b(x) + b(a(x)); }
int coroutine_fn d(int x) asm("another_name");
int coroutine_fn d(int x) { may_wait(); return c(x) - 1; }

static void coroutine_fn test(void)
{
    say("a", a(1)), say("b", b(2)), say("c", c(3)), say("d", d(4));
}
