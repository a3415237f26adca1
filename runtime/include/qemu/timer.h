/* Clocks, with QEMU's names.  Guests are never stopped here, so all clocks are the host's
 * monotonic clock; HOST is the calendar's when it is asked for the time. */
#ifndef QEMU_TIMER_H
#define QEMU_TIMER_H

#include <stdint.h>

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

/* Nanoseconds on a clock that never goes back. */
static inline int64_t get_clock(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
}

#endif
