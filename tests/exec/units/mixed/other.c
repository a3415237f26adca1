/* The other unit of `mixed`. */
#include "shared.h"

#include <stdarg.h>

int waits, blocks;

static void coroutine_fn co_wait(void) { waits++; qemu_coroutine_yield(); }

int coroutine_mixed_fn step(int x)
{
    static int calls;

    if (qemu_in_coroutine()) {
        co_wait();
    } else {
        blocks++;
    }
    return x * 10 + ++calls * 0;
}

struct two coroutine_mixed_fn both(int x, ...)
{
    va_list ap;

    va_start(ap, x);
    struct two t = { step(x), 0 };
    t.b = va_arg(ap, double);
    va_end(ap);
    return t;
}

CoStep *const waiting = step;
int (*const blocking)(int) = step;
