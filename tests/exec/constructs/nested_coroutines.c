/* A coroutine enters a coroutine that enters a coroutine: a yield of each goes to who entered it, thirty deep. */
#include "construct.h"

#define DEPTH 30

static int trace_[2 * DEPTH], traced, alive;

static void coroutine_fn level(void *opaque)
{
    int depth = *(int *)opaque, below = depth + 1;
    Coroutine *co = depth < DEPTH ? qemu_coroutine_create(level, &below) : NULL;
    int turns = 2 + depth % 2;

    alive++;
    for (int i = 0; i < turns; i++) {
        if (co && i < 2 + below % 2) {
            qemu_coroutine_enter(co);
        }
        trace_[traced++ % (2 * DEPTH)] = depth;
        if (i + 1 < turns) {
            qemu_coroutine_yield();
        }
    }
    if (co && turns < 2 + below % 2) {
        qemu_coroutine_enter(co);
    }
    alive--;
}

static void coroutine_fn test(void)
{
    int first = 1;
    long check = 0;
    Coroutine *co = qemu_coroutine_create(level, &first);

    traced = alive = 0;
    for (int i = 0; i < 3; i++) {
        qemu_coroutine_enter(co);
        say("alive", alive);
        may_wait();
    }
    for (int i = 0; i < 2 * DEPTH; i++) {
        check = (check * 31 + trace_[i]) % 1000003;
    }
    say("traced", traced);
    say("order", check);
}
