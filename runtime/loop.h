/* The event loop: one AioContext per thread over io_uring, or epoll and worker threads where
 * io_uring is refused.  <block/aio.h> has what works on a context (handlers, bottom halves,
 * waking coroutines); co_io.h has I/O that suspends a coroutine; here are making, running,
 * timers and calls from other threads.
 *
 * Thread rules are those of <block/aio.h>: home thread only, unless "thread-safe" is said. Every
 * int result is 0 or -errno. */
#ifndef LOOP_H
#define LOOP_H

#include <block/aio.h>

/* Makes a context.  The environment variable CPC_AIO (io_uring or epoll) forces the back end;
 * otherwise io_uring is probed and epoll is the fallback, said once in the log.  -EINVAL:
 * unknown CPC_AIO. */
int loop_new(AioContext **ctx);

/* Requires: no request in flight, not running, and nobody will use it any more; threads that are
 * just waking it are waited for.  Detaches it from the calling thread. */
void loop_free(AioContext *ctx);

/* "io_uring" or "epoll". */
const char *loop_backend_name(AioContext *ctx);

/* Makes the calling thread ctx's home.  A thread has at most one context and a context one home. */
void loop_attach(AioContext *ctx);

/* Attaches, then polls until loop_stop.  A stop before the run makes it return at once, once. */
void no_coroutine_fn loop_run(AioContext *ctx);

/* Ends loop_run after the current turn.  Thread-safe. */
void loop_stop(AioContext *ctx);

/* Runs fn(arg) in the home thread, which is in loop_run or aio_poll, and waits for it; in the home
 * thread itself it is a plain call.  Thread-safe.  Blocks the calling thread. */
void no_coroutine_fn loop_call_sync(AioContext *ctx, AioCallback *fn, void *arg);

/* Monotonic time in nanoseconds.  Thread-safe. */
int64_t loop_now_ns(void);

/* A timer.  The owner provides the memory; it must stay until the timer has fired or is
 * cancelled. */
struct loop_timer {
    AioContext *ctx;
    AioCallback *cb;
    void *opaque;
    int64_t deadline; /* loop_now_ns() time */
    uint64_t order;   /* of two with one deadline the one set first fires first */
    uint32_t slot;    /* place in the heap plus one; 0: not set */
};

void loop_timer_init(struct loop_timer *timer, AioContext *ctx, AioCallback *cb, void *opaque);

/* Fires once at `deadline`; a set timer is moved. */
void loop_timer_set(struct loop_timer *timer, int64_t deadline);

/* No effect when it is not set. */
void loop_timer_cancel(struct loop_timer *timer);

#endif
