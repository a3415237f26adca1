/*
 * virtio_any.h - the driver's side of any virtio device over PCI or MMIO, polled, split or packed
 * ring; the descriptors of a chain are written as they are given, right or not.
 *
 * Registers are those of virtio_blk.h, which work for every device.
 */
#ifndef VIRTIO_ANY_H
#define VIRTIO_ANY_H

#include "virtio_blk.h"

enum {
    ANY_RING = 16,
    ANY_QUEUES = 4,                 /* the first ones of a device; it may have more */
    ANY_CHAIN = 24,                 /* more than a ring */

    ANY_AVAIL = 0x400,              /* of a ring's page */
    ANY_USED = 0x800,

    FEATURE_EVENT_IDX = 29,
    FEATURE_PACKED = 34,
    FEATURE_RING_RESET = 40,

    PACKED_AVAIL = 0x80,
    PACKED_USED = 0x8000,
};

struct any_queue {
    uint8_t *page;                  /* descriptors, ANY_AVAIL, ANY_USED */
    uint16_t next, seen;            /* indexes; bit 15 of a packed ring's is the wrap counter */
    uint16_t taken;                 /* descriptors of the chain offered last */
};

struct any {
    struct blk regs;
    uint32_t id;                    /* virtio's device ID */
    bool packed;
    unsigned n_queues;
    struct any_queue queue[ANY_QUEUES];
};

/* Device `number` of the machine, counted over all kinds; false: there is none. */
bool any_find(struct any *d, unsigned number);

/* Resets it; false: it does not. */
bool any_reset(struct any *d);

/* Reset, negotiation of all that is wanted and offered, all queues, DRIVER_OK. False: it refuses. */
bool any_open(struct any *d, uint64_t wanted);

/* Registers of queue q: where its ring is. Does not enable it. */
void any_program(struct any *d, unsigned q);
void any_enable(struct any *d, unsigned q);

/*
 * Writes n descriptors and makes `head` available; `step` is how far the index of a split ring goes.
 * A packed ring has `head` as the ID of all and goes on by n.
 */
void any_offer(struct any *d, unsigned q, const struct desc *chain, unsigned n, uint16_t head,
               uint16_t step);
void any_kick(struct any *d, unsigned q);

/* The next used chain: its length, after a while at most; -1: none came. */
int64_t any_used(struct any *d, unsigned q);

bool any_broken(struct any *d);

#endif
