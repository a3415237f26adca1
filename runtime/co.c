/* Coroutines: create, enter, end, and what wakes which.  QEMU's contracts; <qemu/coroutine.h>
 * states them.
 *
 * How a coroutine is suspended is not known here: co_core.h runs one.  Nothing may cache the
 * address of a thread-local variable across a yield: a coroutine may go on in another thread.
 * This file is plain functions, which never yield, so nothing in it can. */
#include "co.h"

#include "co_pool.h"

#include <block/aio.h>
#include <stdarg.h>
#include <stdlib.h>

#ifdef __CPC__
#include "co_core.h"
#else
#include "co_stackful.h" /* tests/stackful: the same two functions on ucontext */
#endif

_Static_assert(sizeof(struct Coroutine) == 272, "a suspended coroutine stays this small");

__thread struct co_core *co_current = &co_none;
__thread AioContext *co_context;

/* The entered-from of coroutines that plain code enters.  All zero: no area, no frames, no
 * caller. */
struct co_core co_none;

/* Stands for the plain code of a thread where a Coroutine is wanted; never entered, always zero. */
static __thread Coroutine leader;

void co_fatal(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

static inline Coroutine *running(void)
{
    return (Coroutine *)co_current;
}

Coroutine *qemu_coroutine_self(void)
{
    return co_current == &co_none ? &leader : running();
}

bool qemu_in_coroutine(void)
{
    return co_current != &co_none;
}

bool qemu_coroutine_entered(Coroutine *co)
{
    return co->caller != NULL;
}

AioContext *qemu_coroutine_get_aio_context(Coroutine *co)
{
    return __atomic_load_n(&co->ctx, __ATOMIC_RELAXED);
}

/* ---- queues --------------------------------------------------------------------------------- */

void co_set_scheduled(Coroutine *co, const char *where)
{
    const char *other = __atomic_load_n(&co->scheduled, __ATOMIC_ACQUIRE);

    if (other) {
        co_fatal("%s: Co-routine was already scheduled in '%s'", where, other);
    }
    __atomic_store_n(&co->scheduled, where, __ATOMIC_RELEASE);
}

void co_set_unscheduled(Coroutine *co)
{
    __atomic_store_n(&co->scheduled, NULL, __ATOMIC_RELEASE);
}

void co_list_append(Coroutine **last, Coroutine *co)
{
    if (*last) {
        co->queue_next = (*last)->queue_next;
        (*last)->queue_next = co;
    } else {
        co->queue_next = co;
    }
    *last = co;
}

Coroutine *co_list_take_first(Coroutine **last)
{
    Coroutine *first = (*last)->queue_next;

    if (first == *last) {
        *last = NULL;
    } else {
        (*last)->queue_next = first->queue_next;
    }
    return first;
}

void co_wake_after_self(Coroutine *co)
{
    if (co == running()) {
        co_fatal("Co-routine wakes itself");
    }
    co_set_scheduled(co, "aio_co_wake");
    co_list_append(&running()->woken, co);
}

/* ---- life ----------------------------------------------------------------------------------- */

static __attribute__((noinline, cold)) Coroutine *create_slowly(CoroutineEntry *entry, void *opaque)
{
    co_pool_refill(&co_free_objects);
    return qemu_coroutine_create(entry, opaque);
}

Coroutine *qemu_coroutine_create(CoroutineEntry *entry, void *opaque)
{
    Coroutine *co = co_pool_get();

    if (__builtin_expect(!co, 0)) {
        return create_slowly(entry, opaque);
    }
    co->entry = entry;
    co->arg = opaque;
    co->ctx = NULL;
    co_core_init(co);
    return co;
}

/* The entry has returned. */
static void end(Coroutine *co)
{
    co->caller = NULL;
    if (co->locks_held != 0) {
        co_fatal("Co-routine ended while it holds %u lock(s)", co->locks_held);
    }
    co_core_end(co);
    co_pool_put(co);
}

static __attribute__((noinline, cold, noreturn)) void refuse(Coroutine *co)
{
    const char *where = __atomic_load_n(&co->scheduled, __ATOMIC_ACQUIRE);

    if (where) {
        co_fatal("qemu_aio_coroutine_enter: Co-routine was already scheduled in '%s'", where);
    }
    co_fatal("Co-routine re-entered recursively");
}

/* Runs co until it yields (not 0) or ends (0). */
static inline __attribute__((always_inline)) uintptr_t run(AioContext *ctx, Coroutine *co)
{
    const char *scheduled = __atomic_load_n(&co->scheduled, __ATOMIC_ACQUIRE);
    uintptr_t suspended;

    if (__builtin_expect(((uintptr_t)scheduled | (uintptr_t)co->caller) != 0, 0)) {
        refuse(co);
    }
    co->caller = running();
    /* Who finds co in a queue reads ctx to know where to wake it; the queue's release publishes
     * it. */
    __atomic_store_n(&co->ctx, ctx, __ATOMIC_RELAXED);
    co_current = &co->core;
    suspended = co_core_run(co);
    co_current = &co->caller->core;
    return suspended;
}

static inline void suspend(Coroutine *co)
{
    co_count(&co->core.n_yields, 1);
    co->caller = NULL; /* now another thread may enter co again */
}

/* After a run.  What co woke meanwhile. */
static Coroutine *leave(Coroutine *co, bool suspended)
{
    Coroutine *woken = co->woken;

    co->woken = NULL;
    if (suspended) {
        suspend(co);
    } else {
        end(co);
    }
    return woken;
}

/* Depth first: what a woken coroutine wakes runs before the rest of the list. */
static __attribute__((noinline)) void enter_woken(AioContext *ctx, Coroutine *last)
{
    while (last) {
        Coroutine *co = co_list_take_first(&last);
        co_set_unscheduled(co);
        Coroutine *woken = leave(co, run(ctx, co) != 0);
        if (woken && last) { /* two circles become one that starts with `woken`'s first */
            Coroutine *first = woken->queue_next;
            woken->queue_next = last->queue_next;
            last->queue_next = first;
        } else if (woken) {
            last = woken;
        }
    }
}

static __attribute__((noinline)) void leave_slowly(Coroutine *co, bool suspended)
{
    AioContext *ctx = co->ctx;

    enter_woken(ctx, leave(co, suspended));
}

/* Whether a coroutine that has ended leaves more than its object, or its object has no place. */
static inline bool ends_slowly(const Coroutine *co)
{
    uintptr_t more = (uintptr_t)co->woken | (uintptr_t)co_core_memory(co) | co->locks_held;

    return more != 0 || co_pool_is_full();
}

/* Nothing but co is kept across the run, and all that is called after it is called last: so entering
 * saves one register. */
static inline __attribute__((always_inline)) void enter(AioContext *ctx, Coroutine *co)
{
    uintptr_t suspended = run(ctx, co);

    if (__builtin_expect(suspended ? co->woken != NULL : ends_slowly(co), 0)) {
        leave_slowly(co, suspended != 0);
    } else if (suspended) {
        suspend(co);
    } else {
        co->caller = NULL;
        co_pool_push(co);
    }
}

void qemu_aio_coroutine_enter(AioContext *ctx, Coroutine *co)
{
    enter(ctx, co);
}

/* Aligned: where its lines of cache begin is worth 0.2 ns of 3. */
__attribute__((aligned(64))) void qemu_coroutine_enter(Coroutine *co)
{
    enter(co_context, co);
}

void aio_co_enter(AioContext *ctx, Coroutine *co)
{
    if (ctx != co_context) {
        aio_co_schedule(ctx, co);
    } else if (qemu_in_coroutine()) {
        co_wake_after_self(co);
    } else {
        qemu_aio_coroutine_enter(ctx, co);
    }
}

void aio_co_wake(Coroutine *co)
{
    aio_co_enter(qemu_coroutine_get_aio_context(co), co);
}

void qemu_coroutine_enter_if_inactive(Coroutine *co)
{
    if (!qemu_coroutine_entered(co)) {
        qemu_coroutine_enter(co);
    }
}
