/* AioContext: the event loop of one thread, with QEMU's names (block/aio.h).  loop.h makes and
 * runs one.
 *
 * A context has a home thread (loop_attach, loop_run).  Functions marked "thread-safe" may be
 * called anywhere; all others in the home thread only.  Callbacks run in the home thread,
 * outside coroutines. */
#ifndef BLOCK_AIO_H
#define BLOCK_AIO_H

#include <qemu/atomic.h>
#include <qemu/coroutine.h>
#include <qemu/queue.h>

typedef void AioCallback(void *opaque);
typedef struct Error Error;

/* A context without home thread, with one reference; NULL when the system has no resources for one
 * (*errp is never set: the log has said why). */
AioContext *aio_context_new(Error **errp);

/* The last unref frees it: what loop_free (loop.h) requires holds then.  Thread-safe. */
void aio_context_ref(AioContext *ctx);
void aio_context_unref(AioContext *ctx);

/* Makes the calling thread its home (loop_attach). */
void qemu_set_current_aio_context(AioContext *ctx);

/* One turn: sends what was submitted, runs what is due (file descriptors, completions, timers,
 * bottom halves).  `blocking`: waits until something is.  True when anything ran.  May be nested
 * in a callback. */
bool no_coroutine_fn aio_poll(AioContext *ctx, bool blocking);

/* The context whose home is the calling thread, or NULL. */
AioContext *qemu_get_current_aio_context(void);

/* Whether the calling thread is its home. */
bool in_aio_context_home_thread(AioContext *ctx);

/* Calls on_read(opaque) whenever fd is readable (or in error or hung up): level-triggered.  One
 * handler per descriptor; NULL removes it, and must be called before fd is closed.  0 or -errno.
 * (QEMU's function of this name changes its parameters from version to version.) */
int aio_set_fd_handler(AioContext *ctx, int fd, AioCallback *on_read, void *opaque);

/* Makes a blocking aio_poll return.  Thread-safe. */
void aio_notify(AioContext *ctx);

/* ---- bottom halves: calls to be made soon, in the home thread, in the order of the requests ---- */

typedef struct QEMUBH QEMUBH;
typedef void QEMUBHFunc(void *opaque);

/* Of a device: set while code runs that its own requests may lead back to. */
typedef struct MemReentrancyGuard {
    bool engaged_in_io;
} MemReentrancyGuard;

/* Calls cb(opaque) once.  Thread-safe. */
void aio_bh_schedule_oneshot(AioContext *ctx, AioCallback *cb, void *opaque);

/* A bottom half that can be scheduled again and again; nothing is called yet.  Thread-safe. */
QEMUBH *aio_bh_new(AioContext *ctx, QEMUBHFunc *cb, void *opaque);

/* The same, with *guard set during each call and then as it was before; NULL: none. */
QEMUBH *aio_bh_new_guarded(AioContext *ctx, QEMUBHFunc *cb, void *opaque,
                           MemReentrancyGuard *guard);

/* QEMU's forms with a name, which it shows in traces. */
#define aio_bh_schedule_oneshot_full(ctx, cb, opaque, name) \
    ((void)(name), aio_bh_schedule_oneshot(ctx, cb, opaque))
#define aio_bh_new_full(ctx, cb, opaque, name, guard) \
    ((void)(name), aio_bh_new_guarded(ctx, cb, opaque, guard))

/* Its call is due once, however often this is called before it happens.  A call that schedules its
 * own bottom half is repeated in the next turn.  Thread-safe. */
void qemu_bh_schedule(QEMUBH *bh);

/* Its call is due once, in a turn of the loop within 10 ms; it neither wakes the loop nor counts as
 * something that ran.  Scheduled both ways it is called once.  Thread-safe. */
void qemu_bh_schedule_idle(QEMUBH *bh);

/* A call that is due and has not begun is not made.  Thread-safe. */
void qemu_bh_cancel(QEMUBH *bh);

/* As cancel, and bh is freed soon; also from its own call.  Thread-safe. */
void qemu_bh_delete(QEMUBH *bh);

/* Makes the call at once, in the calling thread. */
void qemu_bh_call(QEMUBH *bh);

/* Makes the calls that are due, but for idle ones; true when there were any.  aio_poll does it. */
bool no_coroutine_fn aio_bh_poll(AioContext *ctx);

/* ---- coroutines ---- */

/* Enters co from ctx's home thread, in the order of the requests.  Thread-safe.  co must have
 * yielded, or ctx is the context it runs in.  Fatal when it is scheduled already. */
void aio_co_schedule(AioContext *ctx, Coroutine *co);

/* Wakes co in the context it was last entered in: entered now (same thread, outside coroutines),
 * after the calling coroutine yields (same thread, inside one), or by aio_co_schedule.
 * Thread-safe. */
void aio_co_wake(Coroutine *co);

/* aio_co_wake with the context given. */
void aio_co_enter(AioContext *ctx, Coroutine *co);

/* Moves the running coroutine to another thread's loop: returns there.  Suspends unless new_ctx is
 * the calling thread's. */
void coroutine_fn aio_co_reschedule_self(AioContext *new_ctx);

#endif
