/* AIO_WAIT_WHILE: whoever waits counts itself first and tests its condition afterwards, whoever kicks
 * has changed the condition first and looks at the count afterwards, so no kick is missed. */
#include "co.h"

#include <assert.h>
#include <block/aio-wait.h>

static unsigned waiting; /* atomic: callers between begin and end */

AioContext *no_coroutine_fn aio_wait_begin(AioContext *ctx)
{
    assert(!qemu_in_coroutine());
    if (!ctx || !in_aio_context_home_thread(ctx)) {
        ctx = qemu_get_aio_context();
        assert(ctx && in_aio_context_home_thread(ctx));
    }
    __atomic_fetch_add(&waiting, 1, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return ctx;
}

void aio_wait_end(void)
{
    __atomic_fetch_sub(&waiting, 1, __ATOMIC_RELEASE);
}

static void nothing(void *opaque)
{
    (void)opaque;
}

void aio_wait_kick(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&waiting, __ATOMIC_RELAXED) && qemu_get_aio_context()) {
        aio_bh_schedule_oneshot(qemu_get_aio_context(), nothing, NULL);
    }
}

struct waited_call {
    AioCallback *cb;
    void *opaque;
    bool done; /* atomic */
};

static void run_waited_call(void *opaque)
{
    struct waited_call *call = opaque;

    call->cb(call->opaque);
    __atomic_store_n(&call->done, true, __ATOMIC_RELEASE); /* call is gone behind this */
    aio_wait_kick();
}

void no_coroutine_fn aio_wait_bh_oneshot(AioContext *ctx, AioCallback *cb, void *opaque)
{
    struct waited_call call = { .cb = cb, .opaque = opaque };

    assert(!in_aio_context_home_thread(ctx));
    aio_bh_schedule_oneshot(ctx, run_waited_call, &call);
    AIO_WAIT_WHILE(NULL, !__atomic_load_n(&call.done, __ATOMIC_ACQUIRE));
}
