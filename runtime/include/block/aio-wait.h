/* Waiting, outside coroutines, for what other code of an event loop does; with QEMU's names. */
#ifndef QEMU_AIO_WAIT_H
#define QEMU_AIO_WAIT_H

#include <qemu/main-loop.h>

/* Runs the event loop while `cond` is true, and gives whether it was at all.  ctx is the context of
 * what is waited for: in its home thread that loop is run; anywhere else, or when ctx is NULL, the
 * caller is the main loop's thread, and whoever makes cond false in another thread then calls
 * aio_wait_kick.  Callbacks run meanwhile, nested in the caller.  Not in a coroutine. */
#define AIO_WAIT_WHILE(ctx, cond) \
    ({ \
        AioContext *wait_ctx_ = aio_wait_begin(ctx); \
        bool wait_any_ = false; \
        while (cond) { \
            aio_poll(wait_ctx_, true); \
            wait_any_ = true; \
        } \
        aio_wait_end(); \
        wait_any_; \
    })

/* QEMU's form for callers that do not hold the context's lock; contexts have none here. */
#define AIO_WAIT_WHILE_UNLOCKED(ctx, cond) AIO_WAIT_WHILE(ctx, cond)

/* What a condition depends on has changed: makes the main loop's thread test it.  Cheap when nobody
 * waits.  Thread-safe. */
void aio_wait_kick(void);

/* Calls cb(opaque) in ctx's home thread, which is not the caller's, and waits for it as
 * AIO_WAIT_WHILE does.  The main loop's thread. */
void no_coroutine_fn aio_wait_bh_oneshot(AioContext *ctx, AioCallback *cb, void *opaque);

/* Of the macro: the context to run. */
AioContext *no_coroutine_fn aio_wait_begin(AioContext *ctx);
void aio_wait_end(void);

#endif
