/* A bounded number of coroutines that work in parallel for one, with QEMU's names.
 *
 * A pool belongs to the coroutine that made it, which alone starts and waits; its tasks run in
 * the same context. */
#ifndef BLOCK_AIO_TASK_H
#define BLOCK_AIO_TASK_H

#include <qemu/coroutine.h>

typedef struct AioTaskPool AioTaskPool;
typedef struct AioTask AioTask;
typedef int coroutine_fn (*AioTaskFunc)(AioTask *task);

/* Embedded at the start of what a task needs; from malloc (glib's g_new is), freed by the pool
 * when func has returned. */
struct AioTask {
    AioTaskPool *pool; /* set by aio_task_pool_start_task */
    AioTaskFunc func;
    int ret;           /* what func returned */
};

/* At most max_busy_tasks > 0 run at once. */
AioTaskPool *coroutine_fn aio_task_pool_new(int max_busy_tasks);

/* Requires: no task runs. */
void aio_task_pool_free(AioTaskPool *pool);

/* The first negative result of a task, or 0. */
int aio_task_pool_status(AioTaskPool *pool);

bool aio_task_pool_empty(AioTaskPool *pool);

/* Runs task->func(task) in a coroutine of its own until that suspends; before, waits until fewer
 * than the maximum run.  Suspends. */
void coroutine_fn aio_task_pool_start_task(AioTaskPool *pool, AioTask *task);

/* Wait until fewer than the maximum run; until one of those that run has ended (one does run);
 * until none runs.  Suspend. */
void coroutine_fn aio_task_pool_wait_slot(AioTaskPool *pool);
void coroutine_fn aio_task_pool_wait_one(AioTaskPool *pool);
void coroutine_fn aio_task_pool_wait_all(AioTaskPool *pool);

#endif
