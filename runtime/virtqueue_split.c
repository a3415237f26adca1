/*
 * Split rings (virtio 1.2, section 2.7): a table of descriptors, a ring of heads from the driver, a
 * ring of used heads back.
 *
 * The driver's side is read with relaxed or acquire atomics, so that the compiler reads each field
 * exactly once.
 */
#include "virtqueue_impl.h"

#include <errno.h>

#include "vq_inflight.h"

#define AVAIL_NO_INTERRUPT   1
#define USED_NO_NOTIFY       1

static uint64_t avail_bytes(uint16_t num)
{
    return 6 + 2 * (uint64_t)num;
}

static uint64_t used_bytes(uint16_t num)
{
    return 6 + 8 * (uint64_t)num;
}

static bool size_fits(uint16_t num)
{
    return (num & (num - 1)) == 0;
}

/* Walks from entry first of a table of n entries: the ring's, then perhaps one indirect. */
static int walk_chain(struct vq_walk *w, const void *table, uint32_t n, uint32_t first)
{
    uint32_t i = first, visited = 0;
    bool nested = false;

    for (;;) {
        const char *desc = (const char *)table + (size_t)i * DESC_SIZE;
        uint64_t gpa, rest;
        uint16_t flags;

        if (i >= n) {
            vq_break(w->vq, "desc next is %u", i);
            return -EINVAL;
        }
        if (visited++ >= n) {
            vq_break(w->vq, "looped descriptor");
            return -EINVAL;
        }
        gpa = vq_desc_gpa(desc);
        rest = vq_desc_rest(desc);
        flags = (uint16_t)(rest >> 32);
        if (flags & DESC_INDIRECT) {
            table = nested ? NULL : vq_indirect_table(w->vq, gpa, (uint32_t)rest, flags);
            if (!table) {
                vq_break(w->vq, "nested indirect descriptor");
                return -EINVAL;
            }
            n = (uint32_t)rest / DESC_SIZE;
            nested = true;
            visited = i = 0;
            continue;
        }
        if (vq_walk_add(w, gpa, (uint32_t)rest, flags & DESC_WRITE)) {
            return -EINVAL;
        }
        if (!(flags & DESC_NEXT)) {
            return 0;
        }
        i = (uint16_t)(rest >> 48);
    }
}

/* The next head to work on. 1, 0: none, -EINVAL. */
static int next_head(struct virtqueue *vq, uint16_t *head)
{
    uint16_t idx, ready;

    if (vq->next_resubmit < vq->n_resubmit) {
        *head = vq->resubmit[vq->next_resubmit++];
        return 1;
    }
    idx = __atomic_load_n(&vq->avail[1], __ATOMIC_ACQUIRE);
    ready = idx - vq->last_avail;
    if (ready == 0) {
        return 0;
    }
    if (ready > vq->config.num) {
        vq_break(vq, "guest moved available index from %u to %u", vq->last_avail, idx);
        return -EINVAL;
    }
    *head = __atomic_load_n(&vq->avail[2 + vq->last_avail % vq->config.num], __ATOMIC_RELAXED);
    vq->last_avail++;
    return 1;
}

static int next_chain(struct virtqueue *vq, struct vq_walk *w)
{
    int r = next_head(vq, &w->head);

    if (r <= 0) {
        return r;
    }
    if (vq_memory_lost(vq)) {
        return -EINVAL;
    }
    if (w->head >= vq->config.num) {
        vq_break(vq, "guest says index %u is available", w->head);
        return -EINVAL;
    }
    if (vq->in_flight[w->head]) {
        vq_break(vq, "head %u made available twice", w->head);
        return -EINVAL;
    }
    return walk_chain(w, vq->desc, vq->config.num, w->head) ? -EINVAL : 1;
}

/* Writes the chain's used entry; the driver does not see it yet. */
static void fill_used(struct virtqueue *vq, const struct vq_chain *chain)
{
    uint32_t *element = (uint32_t *)(void *)vq->used + 1 + 2 * (vq->used_idx % vq->config.num);

    if (vq->inflight) {
        vq_inflight_finish(vq->inflight, chain->head);
    }
    __atomic_store_n(&element[0], chain->head, __ATOMIC_RELAXED);
    __atomic_store_n(&element[1], chain->written, __ATOMIC_RELAXED);
    vq->used_idx++;
}

static void publish(struct virtqueue *vq, const struct vq_chain *first)
{
    for (const struct vq_chain *chain = first; chain; chain = chain->next) {
        fill_used(vq, chain);
    }
    __atomic_store_n(&vq->used[1], vq->used_idx, __ATOMIC_RELEASE);
    if (vq->inflight) {
        for (const struct vq_chain *chain = first; chain; chain = chain->next) {
            vq_inflight_clear(vq->inflight, chain->head);
        }
        vq_inflight_finished(vq->inflight, vq->used_idx);
    }
}

static bool should_signal(struct virtqueue *vq)
{
    uint16_t old = vq->signalled, event;
    bool valid = vq->signalled_valid;

    __atomic_thread_fence(__ATOMIC_SEQ_CST);    /* the used idx before the driver's wish */
    if (!vq->event_idx) {
        return !(__atomic_load_n(&vq->avail[0], __ATOMIC_RELAXED) & AVAIL_NO_INTERRUPT);
    }
    event = __atomic_load_n(&vq->avail[2 + vq->config.num], __ATOMIC_RELAXED);
    vq->signalled = vq->used_idx;
    vq->signalled_valid = true;
    return !valid || (uint16_t)(vq->used_idx - event - 1) < (uint16_t)(vq->used_idx - old);
}

static void kicks_off(struct virtqueue *vq)
{
    if (!vq->event_idx) {
        __atomic_store_n(&vq->used[0], USED_NO_NOTIFY, __ATOMIC_RELAXED);
    }
}

static bool kicks_on(struct virtqueue *vq)
{
    if (vq->event_idx) {
        __atomic_store_n(&vq->used[2 + 4 * vq->config.num], vq->last_avail, __ATOMIC_RELAXED);
    } else {
        __atomic_store_n(&vq->used[0], 0, __ATOMIC_RELAXED);
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);    /* our wish before the driver's idx */
    return vq->next_resubmit < vq->n_resubmit ||
           __atomic_load_n(&vq->avail[1], __ATOMIC_RELAXED) != vq->last_avail;
}

const struct vq_ring_ops vq_split_ops = {
    .avail_bytes = avail_bytes,
    .used_bytes = used_bytes,
    .avail_align = 2,
    .used_align = 4,
    .size_fits = size_fits,
    .next = next_chain,
    .publish = publish,
    .should_signal = should_signal,
    .kicks_off = kicks_off,
    .kicks_on = kicks_on,
};
