/*
 * Packed rings (virtio 1.2, section 2.8): one ring of descriptors, which the driver marks available
 * and the device overwrites with used ones.
 *
 * A descriptor is available when its AVAIL bit is the wrap counter of our position and its USED bit
 * is not. A chain is consecutive, its buffer ID is in its last descriptor; an indirect table's
 * entries are consecutive too. Each is read once, the head's flags first. Chains are completed in
 * any order at our position of used descriptors, which moves on by as many as the chain took; so it
 * never passes the position of available ones, all of which have been read.
 */
#include "virtqueue_impl.h"

#include <errno.h>

#define DESC_AVAIL       0x0080
#define DESC_USED        0x8000
#define POSITION_WRAP    VQ_PACKED_START
#define POSITION_INDEX   (VQ_PACKED_START - 1)

/* Event suppression: a position in the low half, flags in the high half. */
#define EVENT_ENABLE     0u
#define EVENT_DISABLE    1u
#define EVENT_POSITION   2u

static uint64_t event_bytes(uint16_t num)
{
    (void)num;
    return 4;
}

static bool size_fits(uint16_t num)
{
    (void)num;
    return true;
}

static uint64_t *descriptor(const struct virtqueue *vq, uint16_t index)
{
    return (uint64_t *)vq->desc + 2 * (size_t)index;
}

/* Moves a position on by n descriptors, at most a ring. True: it wrapped. */
static bool advance(const struct virtqueue *vq, uint16_t *position, uint16_t n)
{
    uint16_t index = (uint16_t)((*position & POSITION_INDEX) + n);
    uint16_t wrap = *position & POSITION_WRAP;
    bool wraps = index >= vq->config.num;

    if (wraps) {
        index -= vq->config.num;
        wrap ^= POSITION_WRAP;
    }
    *position = index | wrap;
    return wraps;
}

/* Is the descriptor at our position available? Its flags, read once. */
static bool is_available(const struct virtqueue *vq, uint16_t *flags)
{
    const uint64_t *desc = descriptor(vq, vq->last_avail & POSITION_INDEX);
    bool wrap = vq->last_avail & POSITION_WRAP;

    *flags = __atomic_load_n((const uint16_t *)(const void *)desc + 7, __ATOMIC_ACQUIRE);
    return !!(*flags & DESC_AVAIL) == wrap && !!(*flags & DESC_USED) != wrap;
}

/* All entries of an indirect table, whose flags mean nothing but the direction. */
static int walk_table(struct vq_walk *w, uint64_t gpa, uint32_t len, uint16_t flags)
{
    const uint64_t *table = vq_indirect_table(w->vq, gpa, len, flags);

    for (uint32_t i = 0; table && i < len / DESC_SIZE; i++) {
        uint64_t rest = vq_desc_rest(table + 2 * i);

        if (rest >> 48 & DESC_INDIRECT) {
            vq_break(w->vq, "nested indirect descriptor");
            return -EINVAL;
        }
        if (vq_walk_add(w, vq_desc_gpa(table + 2 * i), (uint32_t)rest, rest >> 48 & DESC_WRITE)) {
            return -EINVAL;
        }
    }
    return table ? 0 : -EINVAL;
}

/* Walks the chain at our position, whose first descriptor has these flags. */
static int walk_chain(struct virtqueue *vq, struct vq_walk *w, uint16_t flags)
{
    uint16_t index = vq->last_avail & POSITION_INDEX;

    for (;;) {
        const uint64_t *desc = descriptor(vq, index);
        uint64_t gpa = vq_desc_gpa(desc), rest = vq_desc_rest(desc);
        uint32_t len = (uint32_t)rest;
        int r;

        if (w->slots++ > 0) {
            flags = (uint16_t)(rest >> 48);
        }
        w->head = (uint16_t)(rest >> 32);
        if (flags & DESC_INDIRECT && w->slots > 1) {
            vq_break(vq, "indirect descriptor behind others");
            return -EINVAL;
        }
        r = flags & DESC_INDIRECT ? walk_table(w, gpa, len, flags)
                                  : vq_walk_add(w, gpa, len, flags & DESC_WRITE);
        if (r || !(flags & DESC_NEXT)) {
            return r;
        }
        if (w->slots == vq->config.num) {
            vq_break(vq, "looped descriptor");
            return -EINVAL;
        }
        index = index + 1 == vq->config.num ? 0 : index + 1;
    }
}

static int next_chain(struct virtqueue *vq, struct vq_walk *w)
{
    uint16_t flags;

    if (!is_available(vq, &flags)) {
        return 0;
    }
    if (vq_memory_lost(vq) || walk_chain(vq, w, flags)) {
        return -EINVAL;
    }
    if (w->head >= vq->config.num) {
        vq_break(vq, "guest says buffer %u is available", w->head);
        return -EINVAL;
    }
    if (vq->in_flight[w->head]) {
        vq_break(vq, "buffer %u made available twice", w->head);
        return -EINVAL;
    }
    if (w->slots > vq->config.num - vq->slots_in_flight) {
        vq_break(vq, "more descriptors in flight than the ring has");
        return -EINVAL;
    }
    advance(vq, &vq->last_avail, w->slots);
    return 1;
}

/* The used descriptor of a chain: length, buffer ID and flags in one word. */
static uint64_t used_word(const struct virtqueue *vq, const struct vq_chain *chain)
{
    uint64_t flags = vq->used_idx & POSITION_WRAP ? DESC_AVAIL | DESC_USED : 0;

    if (chain->written) {
        flags |= DESC_WRITE;
    }
    return flags << 48 | (uint64_t)chain->head << 32 | chain->written;
}

/* The driver looks at the first one first, so that is written last. */
static void publish(struct virtqueue *vq, const struct vq_chain *first)
{
    uint64_t *first_desc = descriptor(vq, vq->used_idx & POSITION_INDEX);
    uint64_t first_word = used_word(vq, first);

    for (const struct vq_chain *chain = first; chain; chain = chain->next) {
        if (chain != first) {
            uint64_t *desc = descriptor(vq, vq->used_idx & POSITION_INDEX);

            __atomic_store_n(desc + 1, used_word(vq, chain), __ATOMIC_RELAXED);
        }
        if (advance(vq, &vq->used_idx, chain->slots)) {
            vq->signalled_valid = false;
        }
    }
    __atomic_store_n(first_desc + 1, first_word, __ATOMIC_RELEASE);
}

/* Positions are compared as if the ring went on and on, from the last signal in this round. */
static bool should_signal(struct virtqueue *vq)
{
    uint16_t old = vq->signalled & POSITION_INDEX, now = vq->used_idx & POSITION_INDEX, position;
    bool valid = vq->signalled_valid;
    uint32_t event;

    vq->signalled = vq->used_idx;
    vq->signalled_valid = true;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);    /* what is used before the driver's wish */
    event = __atomic_load_n((const uint32_t *)(const void *)vq->avail, __ATOMIC_RELAXED);
    if ((event >> 16 & 3) != EVENT_POSITION || !vq->event_idx) {
        return (event >> 16 & 3) != EVENT_DISABLE;
    }
    position = event & POSITION_INDEX;
    if ((event & POSITION_WRAP) != (vq->used_idx & POSITION_WRAP)) {
        position -= vq->config.num;
    }
    return !valid || (uint16_t)(now - position - 1) < (uint16_t)(now - old);
}

static void set_event(struct virtqueue *vq, uint32_t flags)
{
    __atomic_store_n((uint32_t *)(void *)vq->used, flags << 16 | vq->last_avail, __ATOMIC_RELAXED);
}

static void kicks_off(struct virtqueue *vq)
{
    set_event(vq, EVENT_DISABLE);
}

static bool kicks_on(struct virtqueue *vq)
{
    uint16_t flags;

    set_event(vq, vq->event_idx ? EVENT_POSITION : EVENT_ENABLE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);    /* our wish before the driver's descriptors */
    return is_available(vq, &flags);
}

const struct vq_ring_ops vq_packed_ops = {
    .avail_bytes = event_bytes,
    .used_bytes = event_bytes,
    .avail_align = 4,
    .used_align = 4,
    .size_fits = size_fits,
    .next = next_chain,
    .publish = publish,
    .should_signal = should_signal,
    .kicks_off = kicks_off,
    .kicks_on = kicks_on,
};
