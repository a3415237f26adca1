/* The main thread's AioContext and bottom halves in it, with QEMU's names. */
#ifndef QEMU_MAIN_LOOP_H
#define QEMU_MAIN_LOOP_H

#include <block/aio.h>

/* Makes the context of the main loop, whose home is the calling thread; once.  0, or -errno
 * (*errp is never set: there is nothing to say that the log has not said). */
int qemu_init_main_loop(Error **errp);

/* The main loop's context, NULL before qemu_init_main_loop. */
AioContext *qemu_get_aio_context(void);

/* One turn of the main loop.  Home thread. */
void no_coroutine_fn main_loop_wait(int nonblocking);

/* Makes main_loop_wait return.  Thread-safe. */
void qemu_notify_event(void);

/* aio_bh_new and aio_bh_new_guarded in the main loop's context. */
QEMUBH *qemu_bh_new(QEMUBHFunc *cb, void *opaque);
QEMUBH *qemu_bh_new_guarded(QEMUBHFunc *cb, void *opaque, MemReentrancyGuard *guard);
#define qemu_bh_new_full(cb, opaque, name, guard) \
    ((void)(name), qemu_bh_new_guarded(cb, opaque, guard))

/* Where a function may run; QEMU asserts that at run time. */
#define GLOBAL_STATE_CODE() ((void)0)
#define IO_CODE() ((void)0)
#define IO_OR_GS_CODE() ((void)0)

#endif
