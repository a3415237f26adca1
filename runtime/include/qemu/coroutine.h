/* Coroutines for C, with the names and the contracts of QEMU's qemu/coroutine.h.
 *
 * A coroutine is a function that can stop in the middle (yield) and go on later.  It runs inside
 * the call that enters it, on that caller's stack; while it is stopped it has no stack at all,
 * only a few frames of live variables on the heap.  Functions that may stop are marked
 * coroutine_fn and are called from other coroutine_fn functions only (the compiler checks this:
 * E0101).
 *
 * Misuse that QEMU calls fatal is fatal here: one line on stderr with QEMU's words, then
 * abort(). Every function may be called in any thread unless its comment says otherwise; one
 * coroutine runs in at most one thread at a time, which is for the callers to ensure
 * (aio_co_schedule and aio_co_wake do).
 *
 * "Suspends" in a comment: the function may yield, so other coroutines may run before it
 * returns. */
#ifndef QEMU_COROUTINE_H
#define QEMU_COROUTINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Annotations.  A compiler that does not know coroutines sees plain C. */
#ifdef __CPC__
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
#define no_coroutine_fn __attribute__((annotate("no_coroutine_fn")))
#define coroutine_mixed_fn __attribute__((annotate("coroutine_mixed_fn")))
#define co_yield_fn __attribute__((annotate("coroutine_fn"), annotate("co_yield")))
#else
#define coroutine_fn
#define no_coroutine_fn
#define coroutine_mixed_fn
#define co_yield_fn
#endif

typedef struct Coroutine Coroutine;
typedef struct AioContext AioContext;

/* The body of a coroutine.  When it returns, the coroutine ends and control goes back to the last
 * enterer.  No CoMutex may be held then. */
typedef void coroutine_fn CoroutineEntry(void *opaque);

/* Makes a coroutine that will run entry(opaque) at its first enter.  Never fails: memory
 * exhaustion is fatal.  The object frees itself when the entry returns; a coroutine that is
 * never entered stays. */
Coroutine *qemu_coroutine_create(CoroutineEntry *entry, void *opaque);

/* Runs `co` until it yields or ends, then the coroutines it woke with aio_co_wake, depth first.
 * Requires: co is neither running nor entered nor scheduled nor waiting in a queue (fatal).
 * Binds co to the calling thread's AioContext. */
void qemu_coroutine_enter(Coroutine *co);

/* qemu_coroutine_enter, but nothing when co is entered already. */
void qemu_coroutine_enter_if_inactive(Coroutine *co);

/* qemu_coroutine_enter that binds co to `ctx` instead.  ctx must be the calling thread's
 * context, or nothing but this thread may wake co. */
void qemu_aio_coroutine_enter(AioContext *ctx, Coroutine *co);

/* Stops the running coroutine; its enterer goes on.  Returns when somebody enters it again.
 * Suspends. */
void co_yield_fn qemu_coroutine_yield(void);

/* The running coroutine; outside a coroutine an object that stands for the thread, for
 * comparison only. */
Coroutine *qemu_coroutine_self(void);

/* True inside a coroutine. */
bool qemu_in_coroutine(void);

/* True while co has been entered and has not yielded since (it runs, or it entered who runs). */
bool qemu_coroutine_entered(Coroutine *co);

/* The context co was last entered in; NULL before the first enter or in a thread without
 * context. */
AioContext *qemu_coroutine_get_aio_context(Coroutine *co);

/* ---- CoQueue: coroutines that wait for a condition, first in, first out -----------------------
 *
 * Protected by what protects the condition: the lock passed to wait, or use in one thread only. */

typedef struct CoQueue {
    Coroutine *last; /* circular list: last->queue_next is the first; NULL: empty */
} CoQueue;

/* A mutex between threads.  Held for a few instructions only, never across a yield. */
typedef struct QemuMutex QemuMutex;

enum co_lock_kind { CO_LOCK_NONE, CO_LOCK_COMUTEX, CO_LOCK_QEMUMUTEX };

/* Which lock a pointer is, for the two macros below: CoMutex *, QemuMutex * or NULL. */
#define CO_LOCK_KIND(lock) \
    _Generic((lock), \
             struct CoMutex *: CO_LOCK_COMUTEX, \
             struct QemuMutex *: CO_LOCK_QEMUMUTEX, \
             void *: CO_LOCK_NONE)

void qemu_co_queue_init(CoQueue *queue);

/* Appends the caller to the queue, drops `lock`, waits to be woken, takes `lock` again.  As with
 * condition variables, test the condition again afterwards.  Suspends. */
#define qemu_co_queue_wait(queue, lock) qemu_co_queue_wait_impl(queue, lock, CO_LOCK_KIND(lock))
void coroutine_fn qemu_co_queue_wait_impl(CoQueue *queue, void *lock, enum co_lock_kind kind);

/* Lets the first waiter run after the calling coroutine yields or ends; false when nobody waits.
 * Coroutine context. */
bool coroutine_fn qemu_co_queue_next(CoQueue *queue);

/* qemu_co_queue_next for all who wait now. */
void coroutine_fn qemu_co_queue_restart_all(CoQueue *queue);

/* Outside coroutines: enters the first waiter (all who wait now), with `lock`, a QemuMutex * or
 * NULL, dropped meanwhile. */
#define qemu_co_enter_next(queue, lock) qemu_co_enter_next_impl(queue, lock, CO_LOCK_KIND(lock))
bool qemu_co_enter_next_impl(CoQueue *queue, void *lock, enum co_lock_kind kind);
#define qemu_co_enter_all(queue, lock) qemu_co_enter_all_impl(queue, lock, CO_LOCK_KIND(lock))
void qemu_co_enter_all_impl(CoQueue *queue, void *lock, enum co_lock_kind kind);

bool qemu_co_queue_empty(CoQueue *queue);

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

/* ---- Time ----------------------------------------------------------------------------------- */

typedef enum QEMUClockType {
    QEMU_CLOCK_REALTIME,
    QEMU_CLOCK_VIRTUAL,
    QEMU_CLOCK_HOST,
    QEMU_CLOCK_VIRTUAL_RT,
} QEMUClockType;

/* Sleeps for `ns` nanoseconds (at once when ns <= 0, but yields).  Guests are never stopped
 * here, so all clocks are the host's monotonic clock.  Requires an AioContext.  Suspends. */
void coroutine_fn qemu_co_sleep_ns(QEMUClockType type, int64_t ns);
void coroutine_fn co_sleep_ns(int64_t ns);

#endif
