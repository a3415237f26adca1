/*
 * Virtqueues: looking rings up, taking chains out of them and giving them back. What lies in a ring
 * is in virtqueue_split.c and virtqueue_packed.c.
 *
 * Texts of faults follow QEMU's, which people search for.
 */
#include "virtqueue_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vq_inflight.h"

static const struct vq_ring_ops *ops_of(const struct virtqueue *vq)
{
    return vq->packed ? &vq_packed_ops : &vq_split_ops;
}

void vq_break(struct virtqueue *vq, const char *format, ...)
{
    va_list args;

    if (!vq->error[0]) {
        va_start(args, format);
        vsnprintf(vq->error, sizeof vq->error, format, args);
        va_end(args);
    }
}

const char *vq_error(const struct virtqueue *vq)
{
    return vq->error[0] ? vq->error : NULL;
}

static uint64_t desc_bytes(uint16_t num)
{
    return DESC_SIZE * (uint64_t)num;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

/* Finds the rings in map and points the queue at them; takes the reference to map over. */
static int look_up(struct virtqueue *vq, struct guestmem_map *map)
{
    const struct vq_config *c = &vq->config;
    const struct vq_ring_ops *ops = ops_of(vq);
    void *desc = guestmem_hva(map, c->desc, desc_bytes(c->num));
    void *avail = guestmem_hva(map, c->avail, ops->avail_bytes(c->num));
    void *used = guestmem_hva(map, c->used, ops->used_bytes(c->num));

    if (vq->map) {
        guestmem_drop(vq->map);
    }
    vq->map = map;
    if (!desc || !avail || !used) {
        vq_break(vq, "%s outside guest memory",
                 !desc ? "descriptor table" : !avail ? "available ring" : "used ring");
        return -EINVAL;
    }
    /* Guest address and host address agree modulo 4096, but only where the host's RAM does. */
    if ((uintptr_t)desc % 16 || (uintptr_t)avail % ops->avail_align ||
        (uintptr_t)used % ops->used_align) {
        vq_break(vq, "rings in misaligned memory");
        return -EINVAL;
    }
    vq->desc = desc;
    vq->avail = avail;
    vq->used = used;
    return 0;
}

static int check_config(struct virtqueue *vq, const struct vq_config *c)
{
    const struct vq_ring_ops *ops = ops_of(vq);
    uint64_t avail = ops->avail_bytes(c->num), used = ops->used_bytes(c->num);

    if (c->num == 0 || c->num > VQ_MAX_SIZE || !ops->size_fits(c->num)) {
        vq_break(vq, "queue size %u is not %s up to %u", c->num,
                 vq->packed ? "from 1" : "a power of two", VQ_MAX_SIZE);
    } else if (c->desc % 16 || c->avail % ops->avail_align || c->used % ops->used_align) {
        vq_break(vq, "rings misaligned");
    } else if (overlap(c->desc, desc_bytes(c->num), c->avail, avail) ||
               overlap(c->desc, desc_bytes(c->num), c->used, used) ||
               overlap(c->avail, avail, c->used, used)) {
        vq_break(vq, "rings overlap");
    }
    return vq->error[0] ? -EINVAL : 0;
}

/* Heads that a former process left in flight, and where in the available ring it stopped. */
static void recover(struct virtqueue *vq)
{
    vq->resubmit = calloc(vq->inflight->num, sizeof *vq->resubmit);
    if (!vq->resubmit) {
        abort();
    }
    vq->n_resubmit = vq_inflight_recover(vq->inflight, vq->used_idx, vq->resubmit);
    vq->last_avail = vq->used_idx + vq->n_resubmit;
}

int vq_start(struct virtqueue *vq, struct guestmem *gm, const struct vq_config *config,
             uint16_t last_avail, struct vq_inflight *inflight)
{
    vq->error[0] = '\0';
    if (check_config(vq, config)) {
        return -EINVAL;
    }
    if (vq->packed && ((last_avail & ~VQ_PACKED_START) >= config->num || inflight)) {
        vq_break(vq, "position 0x%x is not in a packed ring", last_avail);
        return -EINVAL;
    }
    vq->config = *config;
    if (look_up(vq, guestmem_hold(gm))) {
        guestmem_drop(vq->map);
        vq->map = NULL;
        return -EINVAL;
    }
    memset(vq->in_flight, 0, sizeof vq->in_flight);
    vq->n_in_flight = vq->slots_in_flight = 0;
    vq->last_avail = last_avail;
    vq->used_idx = vq->packed ? last_avail : __atomic_load_n(&vq->used[1], __ATOMIC_RELAXED);
    vq->signalled = vq->used_idx;
    vq->signalled_valid = false;
    vq->resubmit = NULL;
    vq->n_resubmit = vq->next_resubmit = 0;
    vq->inflight = inflight;
    if (inflight) {
        recover(vq);
    }
    return 0;
}

void vq_stop(struct virtqueue *vq)
{
    if (vq->map) {
        guestmem_drop(vq->map);
        vq->map = NULL;
    }
    free(vq->resubmit);
    vq->resubmit = NULL;
    vq->inflight = NULL;
    vq->error[0] = '\0';
}

int vq_remap(struct virtqueue *vq, struct guestmem *gm)
{
    return look_up(vq, guestmem_hold(gm));
}

int vq_walk_add(struct vq_walk *w, uint64_t gpa, uint32_t len, bool in)
{
    unsigned used = w->n_out + w->n_in, n;
    uint64_t *bytes = in ? &w->in_bytes : &w->out_bytes;

    if (len == 0) {
        vq_break(w->vq, "zero sized buffers are not allowed");
        return -EINVAL;
    }
    if (!in && w->n_in) {
        vq_break(w->vq, "incorrect order for descriptors");
        return -EINVAL;
    }
    n = guestmem_iov(w->vq->map, gpa, len, w->pieces + used, VQ_MAX_CHAIN - used);
    if (n == 0) {
        vq_break(w->vq, "buffer of %u bytes at 0x%llx is outside guest memory", len,
                 (unsigned long long)gpa);
        return -EINVAL;
    }
    *bytes += len;
    if (*bytes > UINT32_MAX) {
        vq_break(w->vq, "descriptors of a chain describe more than 4 GiB");
        return -EINVAL;
    }
    if (in) {
        w->n_in += n;
    } else {
        w->n_out += n;
    }
    return 0;
}

const void *vq_indirect_table(struct virtqueue *vq, uint64_t gpa, uint32_t len, uint16_t flags)
{
    const void *table = NULL;

    if (!vq->indirect) {
        vq_break(vq, "indirect descriptor without the feature");
    } else if (flags & DESC_NEXT) {
        vq_break(vq, "indirect descriptor with NEXT");
    } else if (len == 0 || len % DESC_SIZE || len / DESC_SIZE > VQ_MAX_CHAIN) {
        vq_break(vq, "invalid size %u for indirect buffer table", len);
    } else {
        table = guestmem_hva(vq->map, gpa, len);
        if (!table) {
            vq_break(vq, "indirect table at 0x%llx is outside guest memory",
                     (unsigned long long)gpa);
        } else if ((uintptr_t)table % sizeof(uint64_t)) {
            vq_break(vq, "indirect table at 0x%llx is misaligned", (unsigned long long)gpa);
            table = NULL;
        }
    }
    return table;
}

bool vq_memory_lost(struct virtqueue *vq)
{
    if (!guestmem_lost(vq->map)) {
        return false;
    }
    vq_break(vq, "the front end truncated guest memory");
    return true;
}

static struct vq_chain *make_chain(const struct vq_walk *w)
{
    unsigned n = w->n_out + w->n_in;
    struct vq_chain *chain = malloc(sizeof *chain + n * sizeof chain->pieces[0]);

    if (!chain) {
        abort();
    }
    memcpy(chain->pieces, w->pieces, n * sizeof chain->pieces[0]);
    chain->vq = w->vq;
    chain->next = NULL;
    chain->map = guestmem_share(w->vq->map);
    chain->out = chain->pieces;
    chain->in = chain->pieces + w->n_out;
    chain->n_out = w->n_out;
    chain->n_in = w->n_in;
    chain->out_left = (uint32_t)w->out_bytes;
    chain->in_left = (uint32_t)w->in_bytes;
    chain->written = 0;
    chain->last = NULL;
    chain->head = w->head;
    chain->slots = w->slots;
    return chain;
}

int vq_pop(struct virtqueue *vq, struct vq_chain **chain)
{
    struct vq_walk w;
    int r;

    if (!vq->map || vq->error[0]) {
        return vq->map ? -EINVAL : 0;
    }
    w.vq = vq;
    w.slots = 0;
    w.n_out = w.n_in = 0;
    w.out_bytes = w.in_bytes = 0;
    r = ops_of(vq)->next(vq, &w);
    if (r <= 0) {
        return r;
    }
    vq->in_flight[w.head] = 1;
    vq->n_in_flight++;
    vq->slots_in_flight += w.slots;
    if (vq->inflight) {
        vq_inflight_take(vq->inflight, w.head);
    }
    *chain = make_chain(&w);
    return 1;
}

void vq_push_all(struct vq_chain *first)
{
    struct virtqueue *vq = first->vq;

    if (vq->map && !vq->error[0]) {
        ops_of(vq)->publish(vq, first);
    }
    vq_discard_all(first);
}

void vq_push(struct vq_chain *chain)
{
    chain->next = NULL;
    vq_push_all(chain);
}

void vq_discard(struct vq_chain *chain)
{
    chain->vq->in_flight[chain->head] = 0;
    chain->vq->n_in_flight--;
    chain->vq->slots_in_flight -= chain->slots;
    guestmem_drop(chain->map);
    free(chain);
}

void vq_discard_all(struct vq_chain *first)
{
    while (first) {
        struct vq_chain *next = first->next;

        vq_discard(first);
        first = next;
    }
}

static bool is_healthy(const struct virtqueue *vq)
{
    return vq->map && !vq->error[0];
}

bool vq_should_signal(struct virtqueue *vq)
{
    return is_healthy(vq) && ops_of(vq)->should_signal(vq);
}

void vq_kicks_off(struct virtqueue *vq)
{
    if (is_healthy(vq)) {
        ops_of(vq)->kicks_off(vq);
    }
}

bool vq_kicks_on(struct virtqueue *vq)
{
    return is_healthy(vq) && ops_of(vq)->kicks_on(vq);
}
