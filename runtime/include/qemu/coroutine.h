/* What coroutines wait for: queues, locks, time and sockets, with the names and the contracts of
 * QEMU's qemu/coroutine.h.  Coroutines themselves are in coroutine-core.h, which says how to read
 * the comments. */
#ifndef QEMU_COROUTINE_H
#define QEMU_COROUTINE_H

#include <qemu/coroutine-core.h>
#include <qemu/timer.h>
#include <sys/types.h>

struct iovec;

/* ---- Locks by their type ----------------------------------------------------------------------
 *
 * CoMutex, QemuMutex, QemuRecMutex, QemuSpin, QemuLockable (qemu/lockable.h), or NULL: which one a
 * pointer is, the macros below find out. */

enum co_lock_kind {
    CO_LOCK_NONE,
    CO_LOCK_COMUTEX,
    CO_LOCK_QEMUMUTEX,
    CO_LOCK_RECMUTEX,
    CO_LOCK_SPIN,
    CO_LOCK_LOCKABLE,
};

#define CO_LOCK_KIND(lock) \
    _Generic((lock), \
             struct CoMutex *: CO_LOCK_COMUTEX, \
             struct QemuMutex *: CO_LOCK_QEMUMUTEX, \
             struct QemuRecMutex *: CO_LOCK_RECMUTEX, \
             struct QemuSpin *: CO_LOCK_SPIN, \
             struct QemuLockable *: CO_LOCK_LOCKABLE, \
             void *: CO_LOCK_NONE)

/* ---- CoMutex: a lock that makes the coroutine wait, not the thread ----------------------------
 *
 * First come, first served, within a thread and across threads: unlock hands the lock to the one
 * that has waited longest.  Waiters must run in a thread that has an AioContext. */

typedef struct CoMutex {
    uintptr_t state;    /* atomic: 0 free, 1 held, else the newest waiter, a Coroutine * */
    Coroutine *oldest;  /* waiters in order of arrival; belongs to the holder */
    Coroutine *holder;  /* atomic: changes in the hands of the holder */
    AioContext *ctx;    /* atomic: the holder's context: who shares it cannot gain by spinning */
} CoMutex;

void qemu_co_mutex_init(CoMutex *mutex);

/* Takes the mutex; waits while another coroutine holds it.  Taking it twice is fatal.  Suspends. */
void coroutine_fn qemu_co_mutex_lock(CoMutex *mutex);

/* Gives it to the longest waiter, which runs after the caller yields (same context) or by its
 * own loop. Requires: the calling coroutine holds it. */
void coroutine_fn qemu_co_mutex_unlock(CoMutex *mutex);

/* Fatal unless the calling coroutine holds it. */
void coroutine_fn qemu_co_mutex_assert_locked(CoMutex *mutex);

/* ---- CoQueue: coroutines that wait for a condition, first in, first out -----------------------
 *
 * Protected by what protects the condition: the lock passed to wait, or use in one thread only. */

typedef struct CoQueue {
    Coroutine *last; /* circular list: last->queue_next is the first; NULL: empty */
} CoQueue;

typedef enum {
    CO_QUEUE_WAIT_FRONT = 0x1, /* before all who wait: for one that was woken in vain */
} CoQueueWaitFlags;

void qemu_co_queue_init(CoQueue *queue);

/* Appends the caller to the queue, drops `lock`, waits to be woken, takes `lock` again.  As with
 * condition variables, test the condition again afterwards.  Suspends. */
#define qemu_co_queue_wait(queue, lock) \
    qemu_co_queue_wait_impl(queue, lock, CO_LOCK_KIND(lock), (CoQueueWaitFlags)0)
#define qemu_co_queue_wait_flags(queue, lock, flags) \
    qemu_co_queue_wait_impl(queue, lock, CO_LOCK_KIND(lock), flags)
void coroutine_fn qemu_co_queue_wait_impl(CoQueue *queue, void *lock, enum co_lock_kind kind,
                                          CoQueueWaitFlags flags);

/* Lets the first waiter run after the calling coroutine yields or ends; false when nobody waits.
 * Coroutine context. */
bool coroutine_fn qemu_co_queue_next(CoQueue *queue);

/* qemu_co_queue_next for all who wait now. */
void coroutine_fn qemu_co_queue_restart_all(CoQueue *queue);

/* Enters the first waiter (all who wait now), with `lock`, a QemuMutex * or the like or NULL,
 * dropped meanwhile; false when nobody waits.  In a coroutine the waiter runs after it yields. */
#define qemu_co_enter_next(queue, lock) qemu_co_enter_next_impl(queue, lock, CO_LOCK_KIND(lock))
bool qemu_co_enter_next_impl(CoQueue *queue, void *lock, enum co_lock_kind kind);
#define qemu_co_enter_all(queue, lock) qemu_co_enter_all_impl(queue, lock, CO_LOCK_KIND(lock))
void qemu_co_enter_all_impl(CoQueue *queue, void *lock, enum co_lock_kind kind);

bool qemu_co_queue_empty(CoQueue *queue);

/* ---- CoRwlock: many readers or one writer -----------------------------------------------------
 *
 * In order of arrival: who comes while somebody waits waits too, so neither readers nor writers
 * starve.  Thread-safe as CoMutex is, with the same needs.  A coroutine that holds one in any way
 * must not take it again (a writer in the queue between would stop both for ever). */

typedef struct CoRwTicket CoRwTicket;

typedef struct CoRwlock {
    CoMutex mutex;     /* of what follows; held for a few instructions */
    int owners;        /* readers inside, or -1: a writer */
    CoRwTicket *last;  /* circular list of who waits: last->next came first; NULL: nobody */
} CoRwlock;

void qemu_co_rwlock_init(CoRwlock *lock);

/* Each waits until the lock is free for it and for all who came before.  Suspend. */
void coroutine_fn qemu_co_rwlock_rdlock(CoRwlock *lock);
void coroutine_fn qemu_co_rwlock_wrlock(CoRwlock *lock);

/* A reader becomes the writer.  Others may have written before it returns: it goes behind all who
 * wait, and readers inside leave first.  Suspends. */
void coroutine_fn qemu_co_rwlock_upgrade(CoRwlock *lock);

/* The writer becomes a reader; readers that wait first in line come in.  Never waits for them. */
void coroutine_fn qemu_co_rwlock_downgrade(CoRwlock *lock);

/* Ends what rdlock, wrlock, upgrade or downgrade began.  Fatal when nobody holds the lock. */
void coroutine_fn qemu_co_rwlock_unlock(CoRwlock *lock);

/* ---- Time -------------------------------------------------------------------------------------
 *
 * All of it needs an AioContext. */

/* Sleeps for `ns` nanoseconds (at once when ns <= 0, but yields).  Suspends. */
void coroutine_fn qemu_co_sleep_ns(QEMUClockType type, int64_t ns);
void coroutine_fn co_sleep_ns(int64_t ns);

/* A sleep that others can end.  All zero: nobody sleeps.  Belongs to one context. */
typedef struct QemuCoSleep {
    Coroutine *to_wake;
} QemuCoSleep;

/* Sleeps until qemu_co_sleep_wake(w), or, the first, until `ns` have passed.  Suspend. */
void coroutine_fn qemu_co_sleep_ns_wakeable(QemuCoSleep *w, QEMUClockType type, int64_t ns);
void coroutine_fn qemu_co_sleep(QemuCoSleep *w);

/* Wakes who sleeps at w, as aio_co_wake does; nothing when nobody does. */
void qemu_co_sleep_wake(QemuCoSleep *w);

typedef void CleanupFunc(void *opaque);

/* Runs entry(opaque) in a coroutine of its own: 0 when it has ended within timeout_ns (0: no
 * limit), else -ETIMEDOUT.  Nothing is cancelled then: it goes on, and at its end `clean`, unless
 * NULL, is called with opaque.  Suspends. */
int coroutine_fn qemu_co_timeout(CoroutineEntry *entry, void *opaque, uint64_t timeout_ns,
                                 CleanupFunc clean);

/* ---- Descriptors and sockets ------------------------------------------------------------------ */

/* Waits until fd is readable, at its end or in error.  Needs an AioContext.  Suspends. */
void coroutine_fn yield_until_fd_readable(int fd);

/* Sends or receives `bytes` from `offset` of the buffers on a socket.  The number done, less than
 * asked at the end of the stream or after an error that followed success, or -errno.  Where the
 * socket is not ready it only yields: the caller has seen to it that somebody enters the coroutine
 * again when it is (co_read and co_write of co_io.h need nobody).  Suspends. */
ssize_t coroutine_fn qemu_co_sendv_recvv(int sockfd, struct iovec *iov, unsigned iov_cnt,
                                         size_t offset, size_t bytes, bool do_send);
#define qemu_co_recvv(sockfd, iov, iov_cnt, offset, bytes) \
    qemu_co_sendv_recvv(sockfd, iov, iov_cnt, offset, bytes, false)
#define qemu_co_sendv(sockfd, iov, iov_cnt, offset, bytes) \
    qemu_co_sendv_recvv(sockfd, iov, iov_cnt, offset, bytes, true)

/* The same for one buffer. */
ssize_t coroutine_fn qemu_co_send_recv(int sockfd, void *buf, size_t bytes, bool do_send);
#define qemu_co_recv(sockfd, buf, bytes) qemu_co_send_recv(sockfd, buf, bytes, false)
#define qemu_co_send(sockfd, buf, bytes) qemu_co_send_recv(sockfd, buf, bytes, true)

#include <qemu/lockable.h>

#endif
