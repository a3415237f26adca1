/* Clocks and timers, with QEMU's names.  Guests are never stopped here, so all clocks are the host's
 * monotonic clock, but for HOST, which is the calendar's. */
#ifndef QEMU_TIMER_H
#define QEMU_TIMER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct AioContext AioContext;

#define NANOSECONDS_PER_SECOND 1000000000LL
#define SCALE_MS 1000000
#define SCALE_US 1000
#define SCALE_NS 1

typedef enum QEMUClockType {
    QEMU_CLOCK_REALTIME,
    QEMU_CLOCK_VIRTUAL,
    QEMU_CLOCK_HOST,
    QEMU_CLOCK_VIRTUAL_RT,
} QEMUClockType;

/* The time of a clock.  Thread-safe. */
int64_t qemu_clock_get_ns(QEMUClockType type);

static inline int64_t qemu_clock_get_us(QEMUClockType type)
{
    return qemu_clock_get_ns(type) / SCALE_US;
}

static inline int64_t qemu_clock_get_ms(QEMUClockType type)
{
    return qemu_clock_get_ns(type) / SCALE_MS;
}

/* QEMU's programs call it once at their beginning; the host's clocks need none.  `notify` is not
 * called: loops look at their timers by themselves. */
typedef void QEMUTimerListNotifyCB(void *opaque, QEMUClockType type);

static inline void init_clocks(QEMUTimerListNotifyCB *notify)
{
    (void)notify;
}

/* Nanoseconds on a clock that never goes back. */
static inline int64_t get_clock(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
}

/* ---- timers -----------------------------------------------------------------------------------
 *
 * A timer belongs to an AioContext and calls cb(opaque) once when its time has come, in that
 * context's home thread, outside coroutines; the call may set it again.  Of two timers with one
 * time the one set first is first.  Thread-safe, with one thread at a time for each timer; where
 * another thread is the home, the call may be on its way already when timer_del returns.
 *
 * Times are those of qemu_clock_get_ns, divided by the timer's scale where a function does not say
 * _ns.  A HOST timer waits for as long as it is when it is set: setting the clock does not move it. */

typedef void QEMUTimerCB(void *opaque);

/* Members are for loop_qemu_timer.c.  May be embedded; all zero is not a timer. */
typedef struct QEMUTimer {
    AioContext *ctx;
    QEMUTimerCB *cb;
    void *opaque;
    struct QEMUTimer *next;
    int64_t expire_time; /* atomic: as set, in ns of its clock; -1: not set */
    int64_t deadline;    /* loop_now_ns() time */
    uint64_t order;
    int scale;
    QEMUClockType type;
} QEMUTimer;

/* Makes a timer of ctx, not set.  Ends with timer_del, or timer_deinit when it is not set. */
void aio_timer_init(AioContext *ctx, QEMUTimer *timer, QEMUClockType type, int scale,
                    QEMUTimerCB *cb, void *opaque);

/* The same from malloc; ends with timer_free. */
QEMUTimer *aio_timer_new(AioContext *ctx, QEMUClockType type, int scale, QEMUTimerCB *cb,
                         void *opaque);

/* The same two in the main loop's context: after qemu_init_main_loop. */
void timer_init(QEMUTimer *timer, QEMUClockType type, int scale, QEMUTimerCB *cb, void *opaque);
QEMUTimer *timer_new(QEMUClockType type, int scale, QEMUTimerCB *cb, void *opaque);

#define timer_init_ns(timer, type, cb, opaque) timer_init(timer, type, SCALE_NS, cb, opaque)
#define timer_init_us(timer, type, cb, opaque) timer_init(timer, type, SCALE_US, cb, opaque)
#define timer_init_ms(timer, type, cb, opaque) timer_init(timer, type, SCALE_MS, cb, opaque)
#define timer_new_ns(type, cb, opaque) timer_new(type, SCALE_NS, cb, opaque)
#define timer_new_us(type, cb, opaque) timer_new(type, SCALE_US, cb, opaque)
#define timer_new_ms(type, cb, opaque) timer_new(type, SCALE_MS, cb, opaque)

/* The timer is not set. */
void timer_deinit(QEMUTimer *timer);

/* Also when it is set; NULL is nothing. */
void timer_free(QEMUTimer *timer);

/* The call will be made at expire_time, which replaces what was set before; at once, but by the
 * loop, when that has passed. */
void timer_mod_ns(QEMUTimer *timer, int64_t expire_time);
void timer_mod(QEMUTimer *timer, int64_t expire_time);

/* The same when the timer is not set or set for later. */
void timer_mod_anticipate_ns(QEMUTimer *timer, int64_t expire_time);
void timer_mod_anticipate(QEMUTimer *timer, int64_t expire_time);

/* No effect when it is not set. */
void timer_del(QEMUTimer *timer);

static inline bool timer_pending(QEMUTimer *timer)
{
    return __atomic_load_n(&timer->expire_time, __ATOMIC_RELAXED) >= 0;
}

/* When it is set for, in nanoseconds; all ones (as unsigned) when it is not set. */
static inline uint64_t timer_expire_time_ns(QEMUTimer *timer)
{
    return (uint64_t)__atomic_load_n(&timer->expire_time, __ATOMIC_RELAXED);
}

/* Whether it is set, for current_time or earlier; NULL is not. */
static inline bool timer_expired(QEMUTimer *timer, int64_t current_time)
{
    return timer && timer_pending(timer) &&
           (int64_t)timer_expire_time_ns(timer) <= current_time * timer->scale;
}

#endif
