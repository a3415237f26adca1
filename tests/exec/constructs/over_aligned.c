/* Locals aligned to more than the frame: variables, arrays, members; the alignment holds after each suspension. */
#include "construct.h"

#include <stdint.h>

struct line { _Alignas(128) char c[10]; };

static int off(const void *p, unsigned align) { return (int)((uintptr_t)p % align); }

static long coroutine_fn f(int depth)
{
    _Alignas(64) int a = depth;
    char pad = 'p';
    struct line l = { "line" };
    _Alignas(32) double d[3] = { 1, 2, (double)get(3) };
    long sum = 0;

    may_wait();
    if (depth > 0) {
        sum = f(depth - 1);
    }
    may_wait();
    say("off", off(&a, 64) + off(&l, 128) + off(d, 32));
    return sum + a + (long)d[2] + l.c[1] + pad;
}

static void coroutine_fn test(void)
{
    say("sum", f(4));
}
