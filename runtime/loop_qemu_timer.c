/* QEMUTimer: timers that any thread may set.  Each context has a list of those that are set, by
 * deadline, under a lock, and one loop_timer at the deadline of the first, which is the home
 * thread's: other threads ask it by a bottom half to look at the list again. */
#include "loop_impl.h"

#include "co.h"

#include <assert.h>
#include <qemu/main-loop.h>
#include <qemu/timer.h>
#include <stdlib.h>

static void fire(void *opaque);

/* Home thread: sets the alarm for the first of the list. */
static void set_alarm(AioContext *ctx)
{
    struct loop_qemu_timers *timers = &ctx->qemu_timers;

    qemu_mutex_lock(&timers->lock);
    bool any = timers->first;
    int64_t deadline = any ? timers->first->deadline : 0;
    qemu_mutex_unlock(&timers->lock);
    if (any) {
        loop_timer_set(&timers->alarm, deadline);
    } else {
        loop_timer_cancel(&timers->alarm);
    }
}

static void look_again(void *opaque)
{
    AioContext *ctx = opaque;

    __atomic_store_n(&ctx->qemu_timers.asked, false, __ATOMIC_SEQ_CST); /* before it looks */
    set_alarm(ctx);
}

void loop_qemu_timers_open(AioContext *ctx)
{
    struct loop_qemu_timers *timers = &ctx->qemu_timers;

    qemu_mutex_init(&timers->lock);
    loop_timer_init(&timers->alarm, ctx, fire, ctx);
    timers->bh = (struct loop_bh){ .cb = look_again, .opaque = ctx };
}

void loop_qemu_timers_close(AioContext *ctx)
{
    assert(!ctx->qemu_timers.first);
    loop_timer_cancel(&ctx->qemu_timers.alarm);
    qemu_mutex_destroy(&ctx->qemu_timers.lock);
}

/* ---- the list: under the lock ---- */

static void unlink_timer(struct loop_qemu_timers *timers, QEMUTimer *timer)
{
    for (QEMUTimer **at = &timers->first; *at; at = &(*at)->next) {
        if (*at == timer) {
            *at = timer->next;
            break;
        }
    }
    __atomic_store_n(&timer->expire_time, -1, __ATOMIC_RELAXED);
}

static int64_t deadline_of(QEMUClockType type, int64_t expire_time)
{
    int64_t wait, deadline;

    if (type != QEMU_CLOCK_HOST) {
        return expire_time;
    }
    if (__builtin_sub_overflow(expire_time, qemu_clock_get_ns(type), &wait) ||
        __builtin_add_overflow(loop_now_ns(), wait, &deadline)) {
        return INT64_MAX;
    }
    return deadline;
}

/* True when it is the first now. */
static bool insert_timer(struct loop_qemu_timers *timers, QEMUTimer *timer, int64_t expire_time)
{
    QEMUTimer **at = &timers->first;

    if (expire_time < 0) {
        expire_time = 0;
    }
    timer->deadline = deadline_of(timer->type, expire_time);
    timer->order = timers->order++;
    while (*at && (*at)->deadline <= timer->deadline) {
        at = &(*at)->next;
    }
    timer->next = *at;
    *at = timer;
    __atomic_store_n(&timer->expire_time, expire_time, __ATOMIC_RELAXED);
    return timers->first == timer;
}

/* ---- calls ---- */

/* The first timer that is due at `now` and was set before `order`, or NULL; it is set no more. */
static QEMUTimer *take_due(struct loop_qemu_timers *timers, int64_t now, uint64_t order,
                           QEMUTimer *taken)
{
    qemu_mutex_lock(&timers->lock);
    QEMUTimer *timer = timers->first;
    if (timer && (timer->deadline > now || timer->order >= order)) {
        timer = NULL;
    }
    if (timer) {
        *taken = *timer;
        unlink_timer(timers, timer);
    }
    qemu_mutex_unlock(&timers->lock);
    return timer;
}

static void fire(void *opaque)
{
    AioContext *ctx = opaque;
    struct loop_qemu_timers *timers = &ctx->qemu_timers;
    int64_t now = loop_now_ns();
    QEMUTimer timer; /* a copy: another thread may free it once it is not set */

    qemu_mutex_lock(&timers->lock);
    uint64_t order = timers->order; /* what a call sets for now is for the next turn */
    qemu_mutex_unlock(&timers->lock);
    while (take_due(timers, now, order, &timer)) {
        set_alarm(ctx); /* before the call, which may run the loop */
        timer.cb(timer.opaque);
    }
    set_alarm(ctx);
}

/* ---- what programs call ---- */

void aio_timer_init(AioContext *ctx, QEMUTimer *timer, QEMUClockType type, int scale,
                    QEMUTimerCB *cb, void *opaque)
{
    assert(ctx && scale > 0);
    *timer = (QEMUTimer){ .ctx = ctx, .cb = cb, .opaque = opaque, .expire_time = -1,
                          .scale = scale, .type = type };
}

QEMUTimer *aio_timer_new(AioContext *ctx, QEMUClockType type, int scale, QEMUTimerCB *cb,
                         void *opaque)
{
    QEMUTimer *timer = malloc(sizeof *timer);

    if (!timer) {
        co_fatal("out of memory for a timer");
    }
    aio_timer_init(ctx, timer, type, scale, cb, opaque);
    return timer;
}

void timer_init(QEMUTimer *timer, QEMUClockType type, int scale, QEMUTimerCB *cb, void *opaque)
{
    aio_timer_init(qemu_get_aio_context(), timer, type, scale, cb, opaque);
}

QEMUTimer *timer_new(QEMUClockType type, int scale, QEMUTimerCB *cb, void *opaque)
{
    return aio_timer_new(qemu_get_aio_context(), type, scale, cb, opaque);
}

void timer_deinit(QEMUTimer *timer)
{
    assert(!timer_pending(timer));
    timer->ctx = NULL;
}

void timer_free(QEMUTimer *timer)
{
    if (timer) {
        timer_del(timer);
        free(timer);
    }
}

/* The list has changed; `first`: at its head, by a timer that may be due before the alarm. */
static void changed(AioContext *ctx, bool first)
{
    if (qemu_get_current_aio_context() == ctx) {
        set_alarm(ctx);
    } else if (first && !__atomic_exchange_n(&ctx->qemu_timers.asked, true, __ATOMIC_SEQ_CST)) {
        loop_push_bh(ctx, &ctx->qemu_timers.bh);
    }
}

static void modify(QEMUTimer *timer, int64_t expire_time, bool only_earlier)
{
    AioContext *ctx = timer->ctx;
    bool first = false;

    assert(ctx);
    qemu_mutex_lock(&ctx->qemu_timers.lock);
    if (!only_earlier || !timer_pending(timer) || timer->expire_time > expire_time) {
        unlink_timer(&ctx->qemu_timers, timer);
        first = insert_timer(&ctx->qemu_timers, timer, expire_time);
    }
    qemu_mutex_unlock(&ctx->qemu_timers.lock);
    changed(ctx, first);
}

static int64_t scaled(QEMUTimer *timer, int64_t expire_time)
{
    int64_t ns;

    return __builtin_mul_overflow(expire_time, timer->scale, &ns) ? INT64_MAX : ns;
}

void timer_mod_ns(QEMUTimer *timer, int64_t expire_time)
{
    modify(timer, expire_time, false);
}

void timer_mod(QEMUTimer *timer, int64_t expire_time)
{
    modify(timer, scaled(timer, expire_time), false);
}

void timer_mod_anticipate_ns(QEMUTimer *timer, int64_t expire_time)
{
    modify(timer, expire_time, true);
}

void timer_mod_anticipate(QEMUTimer *timer, int64_t expire_time)
{
    modify(timer, scaled(timer, expire_time), true);
}

void timer_del(QEMUTimer *timer)
{
    if (timer->ctx && timer_pending(timer)) {
        qemu_mutex_lock(&timer->ctx->qemu_timers.lock);
        unlink_timer(&timer->ctx->qemu_timers, timer);
        qemu_mutex_unlock(&timer->ctx->qemu_timers.lock);
        changed(timer->ctx, false);
    }
}
