/* CoRwlock: tickets in order of arrival.
 *
 * Who cannot come in at once leaves a ticket, in its own frame, and yields.  Whoever makes room
 * takes the tickets that now fit from the front, all readers up to the first writer or one writer,
 * enters them as owners on their behalf, and wakes them: when they run they are inside, and nobody
 * can come between.
 *
 * Rejected: waking one reader that wakes the next (QEMU): each takes the inner mutex once more. */
#include "co.h"

#include <assert.h>
#include <block/aio.h>

#define WRITER (-1)

struct CoRwTicket {
    CoRwTicket *next;
    Coroutine *co;
    bool reader;
};

void qemu_co_rwlock_init(CoRwlock *lock)
{
    qemu_co_mutex_init(&lock->mutex);
    lock->owners = 0;
    lock->last = NULL;
}

static bool fits(const CoRwlock *lock, const CoRwTicket *ticket)
{
    return ticket->reader ? lock->owners >= 0 : lock->owners == 0;
}

/* Takes all tickets that fit: their coroutines, last of a circular list, are owners now. */
static Coroutine *admit(CoRwlock *lock)
{
    Coroutine *admitted = NULL;

    while (lock->last && fits(lock, lock->last->next)) {
        CoRwTicket *first = lock->last->next;
        lock->owners = first->reader ? lock->owners + 1 : WRITER;
        if (first == lock->last) {
            lock->last = NULL;
        } else {
            lock->last->next = first->next;
        }
        co_list_append(&admitted, first->co);
    }
    return admitted;
}

/* Lets in who fits, and releases the inner mutex. */
static void coroutine_fn admit_and_unlock(CoRwlock *lock)
{
    Coroutine *admitted = admit(lock);

    qemu_co_mutex_unlock(&lock->mutex);
    while (admitted) {
        Coroutine *co = co_list_take_first(&admitted);
        co_set_unscheduled(co);
        aio_co_wake(co);
    }
}

/* Holds the inner mutex; returns without it, and as an owner. */
static void coroutine_fn wait_in_line(CoRwlock *lock, bool reader, const char *where)
{
    CoRwTicket ticket = { .co = qemu_coroutine_self(), .reader = reader };

    ticket.next = lock->last ? lock->last->next : &ticket;
    if (lock->last) {
        lock->last->next = &ticket;
    }
    lock->last = &ticket;
    co_set_scheduled(ticket.co, where);
    admit_and_unlock(lock); /* an upgrade has left room */
    qemu_coroutine_yield();
}

static void coroutine_fn take(CoRwlock *lock, bool reader, const char *where)
{
    qemu_co_mutex_lock(&lock->mutex);
    if (!lock->last && (reader ? lock->owners >= 0 : lock->owners == 0)) {
        lock->owners = reader ? lock->owners + 1 : WRITER;
        qemu_co_mutex_unlock(&lock->mutex);
    } else {
        wait_in_line(lock, reader, where);
    }
    qemu_coroutine_self()->locks_held++;
}

void coroutine_fn qemu_co_rwlock_rdlock(CoRwlock *lock)
{
    take(lock, true, "qemu_co_rwlock_rdlock");
}

void coroutine_fn qemu_co_rwlock_wrlock(CoRwlock *lock)
{
    take(lock, false, "qemu_co_rwlock_wrlock");
}

void coroutine_fn qemu_co_rwlock_upgrade(CoRwlock *lock)
{
    qemu_co_mutex_lock(&lock->mutex);
    if (lock->owners <= 0) {
        co_fatal("qemu_co_rwlock_upgrade: no coroutine reads under this CoRwlock");
    }
    if (lock->owners == 1 && !lock->last) {
        lock->owners = WRITER;
        qemu_co_mutex_unlock(&lock->mutex);
        return;
    }
    lock->owners--;
    wait_in_line(lock, false, "qemu_co_rwlock_upgrade");
}

void coroutine_fn qemu_co_rwlock_downgrade(CoRwlock *lock)
{
    qemu_co_mutex_lock(&lock->mutex);
    if (lock->owners != WRITER) {
        co_fatal("qemu_co_rwlock_downgrade: no coroutine writes under this CoRwlock");
    }
    lock->owners = 1;
    admit_and_unlock(lock);
}

void coroutine_fn qemu_co_rwlock_unlock(CoRwlock *lock)
{
    Coroutine *self = qemu_coroutine_self();

    assert(qemu_in_coroutine());
    qemu_co_mutex_lock(&lock->mutex);
    if (lock->owners == 0 || self->locks_held < 2) { /* one is the inner mutex */
        co_fatal("CoRwlock is not held by the calling coroutine");
    }
    self->locks_held--;
    lock->owners = lock->owners == WRITER ? 0 : lock->owners - 1;
    admit_and_unlock(lock);
}
