/* The main thread's AioContext and bottom halves in it, with QEMU's names. */
#ifndef QEMU_MAIN_LOOP_H
#define QEMU_MAIN_LOOP_H

#include <block/aio.h>

typedef struct Error Error;

/* Makes the context of the main loop, whose home is the calling thread; once.  0, or -errno
 * (*errp is never set: there is nothing to say that the log has not said). */
int qemu_init_main_loop(Error **errp);

/* The main loop's context, NULL before qemu_init_main_loop. */
AioContext *qemu_get_aio_context(void);

/* One turn of the main loop.  Home thread. */
void no_coroutine_fn main_loop_wait(int nonblocking);

/* aio_bh_new in the main loop's context. */
QEMUBH *qemu_bh_new(QEMUBHFunc *cb, void *opaque);

/* Where a function may run; QEMU asserts that at run time. */
#define GLOBAL_STATE_CODE() ((void)0)
#define IO_CODE() ((void)0)
#define IO_OR_GS_CODE() ((void)0)

#endif
