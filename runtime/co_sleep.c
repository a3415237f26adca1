/* Sleeping: a timer of the coroutine's context, which lies in the sleeper's frame, wakes it; and
 * timeouts, which are a sleep that the end of the work wakes. */
#include "co.h"
#include "loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

int64_t qemu_clock_get_ns(QEMUClockType type)
{
    struct timespec now;

    if (type != QEMU_CLOCK_HOST) {
        return loop_now_ns();
    }
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NANOSECONDS_PER_SECOND + now.tv_nsec;
}

static int64_t deadline_in(int64_t ns)
{
    int64_t now = loop_now_ns();

    if (ns <= 0) {
        return 0;
    }
    return ns > INT64_MAX - now ? INT64_MAX : now + ns;
}

static void wake(void *opaque)
{
    Coroutine *co = opaque;

    co_set_unscheduled(co);
    aio_co_wake(co);
}

void coroutine_fn co_sleep_ns(int64_t ns)
{
    Coroutine *self = qemu_coroutine_self();
    struct loop_timer timer;

    assert(qemu_in_coroutine() && self->ctx);
    loop_timer_init(&timer, self->ctx, wake, self);
    loop_timer_set(&timer, deadline_in(ns));
    co_set_scheduled(self, "co_sleep_ns");
    qemu_coroutine_yield();
}

void coroutine_fn qemu_co_sleep_ns(QEMUClockType type, int64_t ns)
{
    (void)type;
    co_sleep_ns(ns);
}

/* ---- wakeable ---- */

void coroutine_fn qemu_co_sleep(QemuCoSleep *w)
{
    Coroutine *self = qemu_coroutine_self();

    assert(qemu_in_coroutine());
    if (w->to_wake) {
        co_fatal("qemu_co_sleep: another coroutine sleeps at this QemuCoSleep");
    }
    co_set_scheduled(self, "qemu_co_sleep");
    w->to_wake = self;
    qemu_coroutine_yield();
}

void qemu_co_sleep_wake(QemuCoSleep *w)
{
    Coroutine *co = w->to_wake;

    w->to_wake = NULL;
    if (co) {
        wake(co);
    }
}

static void wake_sleeper(void *opaque)
{
    qemu_co_sleep_wake(opaque);
}

void coroutine_fn qemu_co_sleep_ns_wakeable(QemuCoSleep *w, QEMUClockType type, int64_t ns)
{
    AioContext *ctx = qemu_get_current_aio_context();
    struct loop_timer timer;

    (void)type;
    assert(qemu_in_coroutine() && ctx);
    loop_timer_init(&timer, ctx, wake_sleeper, w);
    loop_timer_set(&timer, deadline_in(ns));
    qemu_co_sleep(w);
    loop_timer_cancel(&timer);
}

/* ---- timeout ---- */

/* Belongs to both coroutines; the one that ends last frees it. */
struct timed_work {
    CoroutineEntry *entry;
    void *opaque;
    CleanupFunc *clean;
    QemuCoSleep sleep;
    bool done, abandoned;
};

static void coroutine_fn work(void *opaque)
{
    struct timed_work *timed = opaque;

    timed->entry(timed->opaque);
    if (!timed->abandoned) {
        timed->done = true;
        qemu_co_sleep_wake(&timed->sleep);
        return;
    }
    if (timed->clean) {
        timed->clean(timed->opaque);
    }
    free(timed);
}

int coroutine_fn qemu_co_timeout(CoroutineEntry *entry, void *opaque, uint64_t timeout_ns,
                                 CleanupFunc clean)
{
    int64_t ns = timeout_ns < INT64_MAX ? (int64_t)timeout_ns : INT64_MAX;

    if (timeout_ns == 0) {
        entry(opaque);
        return 0;
    }
    struct timed_work *timed = malloc(sizeof *timed);
    if (!timed) {
        co_fatal("out of memory for a timeout");
    }
    *timed = (struct timed_work){ .entry = entry, .opaque = opaque, .clean = clean };
    aio_co_enter(qemu_get_current_aio_context(), qemu_coroutine_create(work, timed));
    qemu_co_sleep_ns_wakeable(&timed->sleep, QEMU_CLOCK_REALTIME, ns);
    if (timed->done) {
        free(timed);
        return 0;
    }
    timed->abandoned = true;
    return -ETIMEDOUT;
}
