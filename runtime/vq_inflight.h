/*
 * The record of heads in flight that outlives the process (vhost-user, "Inflight I/O tracking",
 * split rings): shared memory that the front end keeps while the daemon is restarted.
 *
 * Establishes: after a kill at any instruction, the heads that vq_inflight_recover returns are
 * exactly those that were taken from the available ring and are not in the used ring. Orders
 * stores as the specification's algorithm does.
 *
 * The memory is as hostile as guest memory: read once, bounded by our own count of entries.
 * Changes only in the loop thread.
 */
#ifndef VQ_INFLIGHT_H
#define VQ_INFLIGHT_H

#include <stddef.h>
#include <stdint.h>

struct vq_inflight {
    void *region;               /* one queue's part of the shared memory, 64-byte aligned */
    uint16_t num;               /* entries there is room for; constant */
    uint64_t counter;           /* of the youngest request */
};

/* Bytes of one queue's part for num entries: a multiple of 64. */
size_t vq_inflight_bytes(uint16_t num);

/* Looks at a part that is new (all zero: it is initialised) or was used by a former process. */
void vq_inflight_open(struct vq_inflight *inflight, void *region, uint16_t num);

/* The head was taken from the available ring. */
void vq_inflight_take(struct vq_inflight *inflight, uint16_t head);

/* The head is about to be published in the used ring: before its idx is written. */
void vq_inflight_finish(struct vq_inflight *inflight, uint16_t head);

/* The used ring's idx was written: the head, which was finished, is not in flight any more. */
void vq_inflight_clear(struct vq_inflight *inflight, uint16_t head);

/* All heads that were finished are cleared; the used ring's idx is used_idx now. */
void vq_inflight_finished(struct vq_inflight *inflight, uint16_t used_idx);

/*
 * Repairs the part for a used ring whose idx is used_idx and lists the heads still in flight in
 * heads (room for num), oldest first. Returns their number.
 */
unsigned vq_inflight_recover(struct vq_inflight *inflight, uint16_t used_idx, uint16_t *heads);

#endif
