/* CoQueue, and locks of any kind by one name.
 *
 * A queue is a circular list through queue_next.  It has no lock of its own: who appends holds the
 * lock that protects the condition, and so does who takes, so a waiter is in the queue before its
 * condition can come true. */
#include "co.h"

#include <assert.h>
#include <block/aio.h>
#include <qemu/lockable.h>

/* ---- locks by their kind ---- */

void co_thread_lock(void *object, enum co_lock_kind kind)
{
    switch (kind) {
    case CO_LOCK_QEMUMUTEX:
        qemu_mutex_lock(object);
        break;
    case CO_LOCK_RECMUTEX:
        qemu_rec_mutex_lock(object);
        break;
    case CO_LOCK_SPIN:
        qemu_spin_lock(object);
        break;
    case CO_LOCK_NONE:
        break;
    case CO_LOCK_COMUTEX:
    case CO_LOCK_LOCKABLE:
        co_fatal("a CoMutex cannot be locked outside a coroutine");
    }
}

void co_thread_unlock(void *object, enum co_lock_kind kind)
{
    switch (kind) {
    case CO_LOCK_QEMUMUTEX:
        qemu_mutex_unlock(object);
        break;
    case CO_LOCK_RECMUTEX:
        qemu_rec_mutex_unlock(object);
        break;
    case CO_LOCK_SPIN:
        qemu_spin_unlock(object);
        break;
    case CO_LOCK_NONE:
        break;
    case CO_LOCK_COMUTEX:
    case CO_LOCK_LOCKABLE:
        co_fatal("a CoMutex cannot be unlocked outside a coroutine");
    }
}

static void *lock_object(void *lock, enum co_lock_kind kind)
{
    return lock && kind == CO_LOCK_LOCKABLE ? ((QemuLockable *)lock)->object : lock;
}

static enum co_lock_kind lock_kind(void *lock, enum co_lock_kind kind)
{
    if (!lock) {
        return CO_LOCK_NONE;
    }
    return kind == CO_LOCK_LOCKABLE ? ((QemuLockable *)lock)->kind : kind;
}

/* ---- CoQueue ---- */

void qemu_co_queue_init(CoQueue *queue)
{
    queue->last = NULL;
}

bool qemu_co_queue_empty(CoQueue *queue)
{
    return queue->last == NULL;
}

static Coroutine *queue_take(CoQueue *queue)
{
    Coroutine *co = co_list_take_first(&queue->last);

    co_set_unscheduled(co);
    return co;
}

static void queue_insert(CoQueue *queue, Coroutine *co, CoQueueWaitFlags flags)
{
    Coroutine *last = queue->last;

    co_list_append(&queue->last, co);
    if ((flags & CO_QUEUE_WAIT_FRONT) && last) {
        queue->last = last; /* in a circle, behind the last is before the first */
    }
}

void coroutine_fn qemu_co_queue_wait_impl(CoQueue *queue, void *lock, enum co_lock_kind kind,
                                          CoQueueWaitFlags flags)
{
    Coroutine *self = qemu_coroutine_self();
    void *object = lock_object(lock, kind);

    assert(qemu_in_coroutine());
    kind = lock_kind(lock, kind);
    co_set_scheduled(self, "qemu_co_queue_wait");
    queue_insert(queue, self, flags);
    if (kind == CO_LOCK_COMUTEX) {
        qemu_co_mutex_unlock(object);
    } else {
        co_thread_unlock(object, kind);
    }
    qemu_coroutine_yield();
    if (kind == CO_LOCK_COMUTEX) {
        qemu_co_mutex_lock(object);
    } else {
        co_thread_lock(object, kind);
    }
}

bool coroutine_fn qemu_co_queue_next(CoQueue *queue)
{
    assert(qemu_in_coroutine());
    if (!queue->last) {
        return false;
    }
    aio_co_wake(queue_take(queue));
    return true;
}

void coroutine_fn qemu_co_queue_restart_all(CoQueue *queue)
{
    while (qemu_co_queue_next(queue)) {
    }
}

bool qemu_co_enter_next_impl(CoQueue *queue, void *lock, enum co_lock_kind kind)
{
    void *object = lock_object(lock, kind);

    kind = lock_kind(lock, kind);
    if (!queue->last) {
        return false;
    }
    Coroutine *next = queue_take(queue);
    co_thread_unlock(object, kind);
    aio_co_wake(next);
    co_thread_lock(object, kind);
    return true;
}

void qemu_co_enter_all_impl(CoQueue *queue, void *lock, enum co_lock_kind kind)
{
    Coroutine *last = queue->last;

    /* Who queues again while the others run waits for the next call. */
    while (last && queue->last) {
        bool done = queue->last->queue_next == last;
        qemu_co_enter_next_impl(queue, lock, kind);
        if (done) {
            break;
        }
    }
}
