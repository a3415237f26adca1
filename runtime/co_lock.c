/* CoMutex.
 *
 * It is one word: 0 free, 1 held and nobody waits, otherwise the newest waiter, whose
 * queue_next is the one before it (1 ends the list).  Lock pushes with a compare-exchange;
 * unlock takes the whole list with one exchange, turns it round into `oldest`, which only the
 * holder touches, and hands the mutex to the first: no other can slip in, so the order is that
 * of arrival. A waiter may be handed the mutex before it has yielded: waking goes through its
 * own context, which runs it only after it has (another thread), and in one thread it has
 * yielded before the holder can run.
 *
 * Rejected: OSv's lfmutex with a hand-off sequence, which QEMU uses (three fields and two queues
 * for what one word can say); a list under a spin lock (a thread stopped in it stops all). */
#include "co.h"

#include <assert.h>
#include <block/aio.h>

#define FREE ((uintptr_t)0)
#define HELD ((uintptr_t)1)

/* A critical section in another thread is often shorter than going to sleep. */
#define SPINS 1000

void qemu_co_mutex_init(CoMutex *mutex)
{
    *mutex = (CoMutex){ 0 };
}

static bool try_lock(CoMutex *mutex)
{
    uintptr_t expected = FREE;

    return __atomic_compare_exchange_n(&mutex->state, &expected, HELD, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static void held_by(CoMutex *mutex, Coroutine *holder)
{
    __atomic_store_n(&mutex->holder, holder, __ATOMIC_RELAXED);
    __atomic_store_n(&mutex->ctx, holder->ctx, __ATOMIC_RELAXED);
    holder->locks_held++;
}

/* Tells the processor that this is a spinning loop; most Arm cores take no notice. */
static inline void spin_pause(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
}

/* Spins while a thread other than this one holds it and nobody waits. */
static bool spin_lock(CoMutex *mutex, AioContext *ctx)
{
    for (int i = 0; i < SPINS; i++) {
        uintptr_t state = __atomic_load_n(&mutex->state, __ATOMIC_RELAXED);
        if (state == FREE && try_lock(mutex)) {
            return true;
        }
        if (state > HELD || __atomic_load_n(&mutex->ctx, __ATOMIC_RELAXED) == ctx) {
            return false;
        }
        spin_pause();
    }
    return false;
}

/* True: locked after all.  False: `self` is in the list and must yield. */
static bool push_waiter(CoMutex *mutex, Coroutine *self)
{
    uintptr_t state = __atomic_load_n(&mutex->state, __ATOMIC_RELAXED);

    for (;;) {
        if (state == FREE) {
            if (try_lock(mutex)) {
                return true;
            }
            state = __atomic_load_n(&mutex->state, __ATOMIC_RELAXED);
            continue;
        }
        self->queue_next = state == HELD ? NULL : (Coroutine *)state;
        if (__atomic_compare_exchange_n(&mutex->state, &state, (uintptr_t)self, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
            return false;
        }
    }
}

static void coroutine_fn wait_for_mutex(CoMutex *mutex, Coroutine *self)
{
    if (spin_lock(mutex, self->ctx)) {
        held_by(mutex, self);
        return;
    }
    co_set_scheduled(self, "qemu_co_mutex_lock");
    if (push_waiter(mutex, self)) {
        co_set_unscheduled(self);
        held_by(mutex, self);
        return;
    }
    qemu_coroutine_yield(); /* unlock has made this coroutine the holder */
}

void coroutine_fn qemu_co_mutex_lock(CoMutex *mutex)
{
    Coroutine *self = qemu_coroutine_self();

    assert(qemu_in_coroutine());
    if (__builtin_expect(try_lock(mutex), 1)) {
        held_by(mutex, self);
        return;
    }
    if (__atomic_load_n(&mutex->holder, __ATOMIC_RELAXED) == self) {
        co_fatal("qemu_co_mutex_lock: the calling coroutine holds this CoMutex already");
    }
    wait_for_mutex(mutex, self);
}

/* Takes the pushed list, newest first, and turns it round.  Requires: somebody waits. */
static Coroutine *take_waiters(CoMutex *mutex)
{
    uintptr_t state = __atomic_exchange_n(&mutex->state, HELD, __ATOMIC_ACQ_REL);
    Coroutine *oldest = NULL;

    for (Coroutine *co = (Coroutine *)state; co;) {
        Coroutine *before = co->queue_next;
        co->queue_next = oldest;
        oldest = co;
        co = before;
    }
    return oldest;
}

void coroutine_fn qemu_co_mutex_unlock(CoMutex *mutex)
{
    uintptr_t held = HELD;

    qemu_co_mutex_assert_locked(mutex);
    qemu_coroutine_self()->locks_held--;
    __atomic_store_n(&mutex->holder, NULL, __ATOMIC_RELAXED);
    if (!mutex->oldest) {
        /* The context goes first: nobody may spin because of a holder that is gone. */
        __atomic_store_n(&mutex->ctx, NULL, __ATOMIC_RELAXED);
        if (__builtin_expect(__atomic_compare_exchange_n(&mutex->state, &held, FREE, false,
                                                         __ATOMIC_RELEASE, __ATOMIC_RELAXED), 1)) {
            return;
        }
        mutex->oldest = take_waiters(mutex);
    }
    Coroutine *next = mutex->oldest;
    mutex->oldest = next->queue_next;
    held_by(mutex, next);
    co_set_unscheduled(next);
    aio_co_wake(next);
}

void coroutine_fn qemu_co_mutex_assert_locked(CoMutex *mutex)
{
    Coroutine *holder = __atomic_load_n(&mutex->holder, __ATOMIC_RELAXED);

    if (holder != qemu_coroutine_self() || !qemu_in_coroutine()) {
        co_fatal("CoMutex is not held by the calling coroutine");
    }
}
