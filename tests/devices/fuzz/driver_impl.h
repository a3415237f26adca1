/*
 * driver_impl.h - what driver.c and driver_ring.c share. Names and offsets are those of virtio 1.2.
 */
#ifndef FUZZ_DRIVER_IMPL_H
#define FUZZ_DRIVER_IMPL_H

#include "driver.h"

enum {
    REG_DEVICE_FEATURES = 0x10, REG_DEVICE_FEATURES_SEL = 0x14,
    REG_DRIVER_FEATURES = 0x20, REG_DRIVER_FEATURES_SEL = 0x24,
    REG_QUEUE_SEL = 0x30, REG_QUEUE_NUM = 0x38, REG_QUEUE_READY = 0x44, REG_QUEUE_NOTIFY = 0x50,
    REG_STATUS = 0x70, REG_QUEUE_DESC = 0x80, REG_QUEUE_DRIVER = 0x90, REG_QUEUE_DEVICE = 0xa0,
    REG_QUEUE_RESET = 0xc0,

    S_ACKNOWLEDGE = 1, S_DRIVER = 2, S_DRIVER_OK = 4, S_FEATURES_OK = 8,

    F_INDIRECT = 28, F_EVENT_IDX = 29, F_VERSION_1 = 32, F_PACKED = 34, F_RING_RESET = 40,

    RING_BYTES = 0x1000,        /* of guest memory, for each queue */
    RING_AVAIL = 0x400,
    RING_USED = 0x800,

    PACKED_AVAIL = 0x80,
    PACKED_USED = 0x8000,
    PACKED_WRAP = 0x8000,       /* of a position */
};

static inline bool driver_packed(const struct driver *d)
{
    return d->features >> F_PACKED & 1;
}

/*
 * size bytes for the chain, which no chain in flight has; `whole`: in one region. False: there are
 * none now.
 */
bool driver_buffer(struct driver *d, struct driver_chain *c, uint64_t size, bool whole,
                   uint64_t *gpa);

#endif
