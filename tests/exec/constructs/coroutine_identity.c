/* self, in_coroutine and entered inside nested coroutines: who runs is who was entered last. */
#include "construct.h"

static Coroutine *outer, *inner;
static int rounds;

static void coroutine_fn nested(void *opaque)
{
    Coroutine *self = qemu_coroutine_self();

    say("inside", self == inner && qemu_coroutine_entered(outer) && qemu_in_coroutine());
    qemu_coroutine_yield();
    say("still", self == qemu_coroutine_self());
    rounds = *(int *)opaque;
}

static void coroutine_fn test(void)
{
    int argument = 3;

    outer = qemu_coroutine_self();
    inner = qemu_coroutine_create(nested, &argument);
    qemu_coroutine_enter(inner);
    say("back", qemu_coroutine_self() == outer && !qemu_coroutine_entered(inner));
    may_wait();
    qemu_coroutine_enter(inner);
    say("rounds", rounds);
    say("self", qemu_coroutine_self() == outer);
}
