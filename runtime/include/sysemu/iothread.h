/* Threads that run an event loop of their own, with QEMU's names (and those of its unit tests). */
#ifndef IOTHREAD_H
#define IOTHREAD_H

#include <block/aio.h>

typedef struct IOThread IOThread;

/* Starts a thread that runs a new context's loop.  NULL when the system refuses (*errp is never
 * set: the log has said why). */
IOThread *iothread_create(const char *id, Error **errp);

/* Ends the loop behind what has been asked of it so far, and waits for the thread; the context
 * stays.  The second call is nothing.  Not in the thread itself. */
void no_coroutine_fn iothread_stop(IOThread *iothread);

/* As stop, and frees it and the context: nothing may wait in it any more. */
void no_coroutine_fn iothread_destroy(IOThread *iothread);

/* Lives as long as the iothread does. */
AioContext *iothread_get_aio_context(IOThread *iothread);

/* A copy, which the caller frees. */
char *iothread_get_id(IOThread *iothread);

/* The one created with this id and not destroyed, or NULL.  Thread-safe. */
IOThread *iothread_by_id(const char *id);

/* iothread_create under a name of its own, fatal when it fails; and iothread_destroy. */
IOThread *iothread_new(void);
void no_coroutine_fn iothread_join(IOThread *iothread);

#endif
