/* Coroutines for C, with the names and the contracts of QEMU's qemu/coroutine-core.h.
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
#ifndef QEMU_COROUTINE_CORE_H
#define QEMU_COROUTINE_CORE_H

#include <cpc/annotations.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Coroutine Coroutine;
typedef struct AioContext AioContext;

/* The body of a coroutine.  When it returns, the coroutine ends and control goes back to the last
 * enterer.  No CoMutex or CoRwlock may be held then. */
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

/* QEMU's hints of how many coroutines will be alive at once.  A coroutine is 272 bytes here and an
 * ended one is always kept for the next, so there is no limit to raise: the number is only held
 * against the sum of the hints (taking back more than was given is fatal). */
void qemu_coroutine_inc_pool_size(unsigned int additional_pool_size);
void qemu_coroutine_dec_pool_size(unsigned int removing_pool_size);

#endif
