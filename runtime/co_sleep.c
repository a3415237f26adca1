/* Sleeping: a timer of the coroutine's context, which lies in the sleeper's frame, wakes it. */
#include "co.h"
#include "loop.h"

#include <assert.h>

static void wake(void *opaque)
{
    Coroutine *co = opaque;

    co_set_unscheduled(co);
    aio_co_wake(co);
}

void coroutine_fn co_sleep_ns(int64_t ns)
{
    Coroutine *self = qemu_coroutine_self();
    struct loop_timer timer;

    assert(qemu_in_coroutine() && self->ctx);
    loop_timer_init(&timer, self->ctx, wake, self);
    loop_timer_set(&timer, ns > 0 ? loop_now_ns() + ns : 0);
    co_set_scheduled(self, "co_sleep_ns");
    qemu_coroutine_yield();
}

void coroutine_fn qemu_co_sleep_ns(QEMUClockType type, int64_t ns)
{
    (void)type;
    co_sleep_ns(ns);
}
