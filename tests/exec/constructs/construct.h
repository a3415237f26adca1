/* What the programs of this folder share: each defines `test`, which runs as a coroutine that never
 * suspends, that always does where it may, and that does every second time.  All must trace alike. */
#ifndef CONSTRUCT_H
#define CONSTRUCT_H

#include <qemu/coroutine.h>
#include <stdio.h>
#include <string.h>

static int co_mode, co_turn, co_ended;

static void coroutine_fn test(void);

/* Suspends as the mode says. */
static void coroutine_fn may_wait(void)
{
    if (co_mode == 1 || (co_mode == 2 && co_turn++ % 2)) {
        qemu_coroutine_yield();
    }
}

/* x, after a possible suspension. */
static long coroutine_fn __attribute__((noinline, unused)) get(long x)
{
    may_wait();
    return x;
}

static void __attribute__((unused)) say(const char *what, long value)
{
    printf("%s %ld\n", what, value);
}

static void coroutine_fn co_entry(void *opaque)
{
    test();
    co_ended = 1;
}

int main(void)
{
    for (co_mode = 0; co_mode < 3; co_mode++) {
        Coroutine *co = qemu_coroutine_create(co_entry, NULL);
        int enters = 0;

        for (co_ended = 0; !co_ended; enters++) {
            qemu_coroutine_enter(co);
        }
        printf("mode %d: %d enters\n", co_mode, enters);
    }
    return 0;
}

#endif
