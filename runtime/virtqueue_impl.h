/*
 * What virtqueue.c (rings looked up, chains taken and given back) shares with virtqueue_split.c and
 * virtqueue_packed.c (what lies in a ring). Nobody else includes this.
 */
#ifndef VIRTQUEUE_IMPL_H
#define VIRTQUEUE_IMPL_H

#include "virtqueue.h"

/* Flags of a descriptor, the same in both kinds of rings. */
#define DESC_NEXT            1
#define DESC_WRITE           2
#define DESC_INDIRECT        4
#define DESC_SIZE            16     /* bytes; the address is in the first 8 */

/* A walk through one chain: the pieces so far, out before in. */
struct vq_walk {
    struct virtqueue *vq;
    uint16_t head, slots;           /* as in struct vq_chain; the walk finds them */
    unsigned n_out, n_in;
    uint64_t out_bytes, in_bytes;
    struct iovec pieces[VQ_MAX_CHAIN];
};

/* What a kind of ring does. The queue is started and healthy. */
struct vq_ring_ops {
    /* Bytes of the areas for num entries, and how the two smaller ones are aligned. */
    uint64_t (*avail_bytes)(uint16_t num), (*used_bytes)(uint16_t num);
    unsigned avail_align, used_align;
    bool (*size_fits)(uint16_t num);
    /* The driver's side of the next chain, walked. 1, 0: none, -EINVAL with vq->error set. */
    int (*next)(struct virtqueue *vq, struct vq_walk *walk);
    /* Shows the driver the list from first on, all at once. */
    void (*publish)(struct virtqueue *vq, const struct vq_chain *first);
    bool (*should_signal)(struct virtqueue *vq);
    void (*kicks_off)(struct virtqueue *vq);
    bool (*kicks_on)(struct virtqueue *vq);
};

extern const struct vq_ring_ops vq_split_ops, vq_packed_ops;

/* Adds a buffer of the driver's to the walk. 0 or -EINVAL. */
int vq_walk_add(struct vq_walk *walk, uint64_t gpa, uint32_t len, bool in);

/* The table that an indirect descriptor points at, len / DESC_SIZE entries; NULL: the queue broke. */
const void *vq_indirect_table(struct virtqueue *vq, uint64_t gpa, uint32_t len, uint16_t flags);

/* True, and the queue is broken: pages of guest memory that were just read were not there any more. */
bool vq_memory_lost(struct virtqueue *vq);

/* The bytes of a descriptor after its address, in one access: length, two fields of 16 bits. */
static inline uint64_t vq_desc_rest(const void *desc)
{
    return __atomic_load_n((const uint64_t *)desc + 1, __ATOMIC_RELAXED);
}

static inline uint64_t vq_desc_gpa(const void *desc)
{
    return __atomic_load_n((const uint64_t *)desc, __ATOMIC_RELAXED);
}

#endif
