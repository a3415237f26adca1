/* AioTaskPool: the maker of the pool sleeps while too many of its tasks run, and each task that ends
 * wakes it. */
#include "co.h"

#include <assert.h>
#include <block/aio.h>
#include <block/aio_task.h>
#include <stdlib.h>

struct AioTaskPool {
    Coroutine *owner;
    int status, busy, max_busy;
    bool waiting; /* the owner, for the end of any task */
};

AioTaskPool *coroutine_fn aio_task_pool_new(int max_busy_tasks)
{
    AioTaskPool *pool = malloc(sizeof *pool);

    assert(qemu_in_coroutine() && max_busy_tasks > 0);
    if (!pool) {
        co_fatal("out of memory for an AioTaskPool");
    }
    *pool = (AioTaskPool){ .owner = qemu_coroutine_self(), .max_busy = max_busy_tasks };
    return pool;
}

void aio_task_pool_free(AioTaskPool *pool)
{
    assert(pool->busy == 0);
    free(pool);
}

int aio_task_pool_status(AioTaskPool *pool)
{
    return pool->status;
}

bool aio_task_pool_empty(AioTaskPool *pool)
{
    return pool->busy == 0;
}

static void coroutine_fn run_task(void *opaque)
{
    AioTask *task = opaque;
    AioTaskPool *pool = task->pool;

    task->ret = task->func(task);
    pool->busy--;
    if (task->ret < 0 && pool->status == 0) {
        pool->status = task->ret;
    }
    free(task);
    if (pool->waiting) {
        pool->waiting = false;
        co_set_unscheduled(pool->owner);
        aio_co_wake(pool->owner);
    }
}

void coroutine_fn aio_task_pool_wait_one(AioTaskPool *pool)
{
    assert(pool->busy > 0 && qemu_coroutine_self() == pool->owner);
    co_set_scheduled(pool->owner, "aio_task_pool_wait_one");
    pool->waiting = true;
    qemu_coroutine_yield();
}

void coroutine_fn aio_task_pool_wait_slot(AioTaskPool *pool)
{
    if (pool->busy == pool->max_busy) {
        aio_task_pool_wait_one(pool);
    }
}

void coroutine_fn aio_task_pool_wait_all(AioTaskPool *pool)
{
    while (pool->busy > 0) {
        aio_task_pool_wait_one(pool);
    }
}

void coroutine_fn aio_task_pool_start_task(AioTaskPool *pool, AioTask *task)
{
    aio_task_pool_wait_slot(pool);
    task->pool = pool;
    pool->busy++;
    qemu_coroutine_enter(qemu_coroutine_create(run_task, task));
}
