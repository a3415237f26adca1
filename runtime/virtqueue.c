/*
 * Split virtqueues: looking rings up, walking chains, publishing used entries.
 *
 * The driver's side of the rings is read with relaxed or acquire atomics, so that the compiler
 * reads each field exactly once. Texts of faults follow QEMU's, which people search for. Longer than
 * other files, so that whoever reviews what a hostile ring can do needs only this one.
 */
#include "virtqueue.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vq_inflight.h"

/* Virtio 1.2, 2.7.5-2.7.8. */
#define DESC_NEXT            1
#define DESC_WRITE           2
#define DESC_INDIRECT        4
#define AVAIL_NO_INTERRUPT   1
#define USED_NO_NOTIFY       1

struct vq_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
};

/* A walk through one chain: the pieces so far, out before in. */
struct walk {
    struct virtqueue *vq;
    unsigned visited;
    unsigned n_out, n_in;
    uint64_t out_bytes, in_bytes;
    struct iovec pieces[VQ_MAX_CHAIN];
};

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
    return sizeof(struct vq_desc) * (uint64_t)num;
}

static uint64_t avail_bytes(uint16_t num)
{
    return 6 + 2 * (uint64_t)num;
}

static uint64_t used_bytes(uint16_t num)
{
    return 6 + 8 * (uint64_t)num;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

/* Finds the rings in map and points the queue at them; takes the reference to map over. */
static int look_up(struct virtqueue *vq, struct guestmem_map *map)
{
    const struct vq_config *c = &vq->config;
    void *desc = guestmem_hva(map, c->desc, desc_bytes(c->num));
    void *avail = guestmem_hva(map, c->avail, avail_bytes(c->num));
    void *used = guestmem_hva(map, c->used, used_bytes(c->num));

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
    if ((uintptr_t)desc % 16 || (uintptr_t)avail % 2 || (uintptr_t)used % 4) {
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
    if (c->num == 0 || c->num > VQ_MAX_SIZE || (c->num & (c->num - 1))) {
        vq_break(vq, "queue size %u is not a power of two up to %u", c->num, VQ_MAX_SIZE);
    } else if (c->desc % 16 || c->avail % 2 || c->used % 4) {
        vq_break(vq, "rings misaligned");
    } else if (overlap(c->desc, desc_bytes(c->num), c->avail, avail_bytes(c->num)) ||
               overlap(c->desc, desc_bytes(c->num), c->used, used_bytes(c->num)) ||
               overlap(c->avail, avail_bytes(c->num), c->used, used_bytes(c->num))) {
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
    vq->config = *config;
    if (look_up(vq, guestmem_hold(gm))) {
        guestmem_drop(vq->map);
        vq->map = NULL;
        return -EINVAL;
    }
    memset(vq->in_flight, 0, sizeof vq->in_flight);
    vq->n_in_flight = 0;
    vq->last_avail = last_avail;
    vq->used_idx = __atomic_load_n(&vq->used[1], __ATOMIC_RELAXED);
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

static struct vq_desc read_desc(const struct vq_desc *from)
{
    struct vq_desc desc;
    uint64_t rest;

    desc.addr = __atomic_load_n(&from->addr, __ATOMIC_RELAXED);
    rest = __atomic_load_n((const uint64_t *)(const void *)&from->len, __ATOMIC_RELAXED);
    desc.len = (uint32_t)rest;
    desc.flags = (uint16_t)(rest >> 32);
    desc.next = (uint16_t)(rest >> 48);
    return desc;
}

/* Adds one buffer to the walk. */
static int add_buffer(struct walk *w, const struct vq_desc *desc)
{
    bool in = desc->flags & DESC_WRITE;
    unsigned used = w->n_out + w->n_in, n;
    uint64_t *bytes = in ? &w->in_bytes : &w->out_bytes;

    if (desc->len == 0) {
        vq_break(w->vq, "zero sized buffers are not allowed");
        return -EINVAL;
    }
    if (!in && w->n_in) {
        vq_break(w->vq, "incorrect order for descriptors");
        return -EINVAL;
    }
    n = guestmem_iov(w->vq->map, desc->addr, desc->len, w->pieces + used, VQ_MAX_CHAIN - used);
    if (n == 0) {
        vq_break(w->vq, "buffer of %u bytes at 0x%llx is outside guest memory", desc->len,
                 (unsigned long long)desc->addr);
        return -EINVAL;
    }
    *bytes += desc->len;
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

/* The next buffer descriptor is an indirect one: may it be, and where is its table? */
static const struct vq_desc *indirect_table(struct walk *w, const struct vq_desc *desc, bool nested)
{
    const void *table = NULL;

    if (nested) {
        vq_break(w->vq, "nested indirect descriptor");
    } else if (!w->vq->indirect) {
        vq_break(w->vq, "indirect descriptor without the feature");
    } else if (desc->flags & DESC_NEXT) {
        vq_break(w->vq, "indirect descriptor with NEXT");
    } else if (desc->len == 0 || desc->len % sizeof *desc ||
               desc->len / sizeof *desc > VQ_MAX_CHAIN) {
        vq_break(w->vq, "invalid size %u for indirect buffer table", desc->len);
    } else {
        table = guestmem_hva(w->vq->map, desc->addr, desc->len);
        if (!table) {
            vq_break(w->vq, "indirect table at 0x%llx is outside guest memory",
                     (unsigned long long)desc->addr);
        } else if ((uintptr_t)table % sizeof(uint64_t)) {
            vq_break(w->vq, "indirect table at 0x%llx is misaligned",
                     (unsigned long long)desc->addr);
            table = NULL;
        }
    }
    return table;
}

/* Walks from entry first of a table of n entries: the ring's, then perhaps one indirect. */
static int walk_chain(struct walk *w, const struct vq_desc *table, uint32_t n, uint32_t first)
{
    uint32_t i = first;
    bool nested = false;

    for (;;) {
        struct vq_desc desc;

        if (i >= n) {
            vq_break(w->vq, "desc next is %u", i);
            return -EINVAL;
        }
        if (w->visited++ >= n) {
            vq_break(w->vq, "looped descriptor");
            return -EINVAL;
        }
        desc = read_desc(&table[i]);
        if (desc.flags & DESC_INDIRECT) {
            table = indirect_table(w, &desc, nested);
            if (!table) {
                return -EINVAL;
            }
            n = (uint32_t)(desc.len / sizeof desc);
            nested = true;
            w->visited = 0;
            i = 0;
            continue;
        }
        if (add_buffer(w, &desc)) {
            return -EINVAL;
        }
        if (!(desc.flags & DESC_NEXT)) {
            return 0;
        }
        i = desc.next;
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

static struct vq_chain *make_chain(const struct walk *w, uint16_t head)
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
    chain->head = head;
    return chain;
}

int vq_pop(struct virtqueue *vq, struct vq_chain **chain)
{
    struct walk w;
    uint16_t head = 0;
    int r;

    if (!vq->map || vq->error[0]) {
        return vq->map ? -EINVAL : 0;
    }
    r = next_head(vq, &head);
    if (r <= 0) {
        return r;
    }
    if (guestmem_lost(vq->map)) {
        vq_break(vq, "the front end truncated guest memory");
        return -EINVAL;
    }
    if (head >= vq->config.num) {
        vq_break(vq, "guest says index %u is available", head);
        return -EINVAL;
    }
    if (vq->in_flight[head]) {
        vq_break(vq, "head %u made available twice", head);
        return -EINVAL;
    }
    w.vq = vq;
    w.visited = w.n_out = w.n_in = 0;
    w.out_bytes = w.in_bytes = 0;
    if (walk_chain(&w, vq->desc, vq->config.num, head)) {
        return -EINVAL;
    }
    vq->in_flight[head] = 1;
    vq->n_in_flight++;
    if (vq->inflight) {
        vq_inflight_take(vq->inflight, head);
    }
    *chain = make_chain(&w, head);
    return 1;
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

/* Shows the driver what was filled: the list from first on. */
static void publish_used(struct virtqueue *vq, const struct vq_chain *first)
{
    __atomic_store_n(&vq->used[1], vq->used_idx, __ATOMIC_RELEASE);
    if (vq->inflight) {
        for (const struct vq_chain *chain = first; chain; chain = chain->next) {
            vq_inflight_clear(vq->inflight, chain->head);
        }
        vq_inflight_finished(vq->inflight, vq->used_idx);
    }
}

void vq_push_all(struct vq_chain *first)
{
    struct virtqueue *vq = first->vq;

    if (vq->map && !vq->error[0]) {
        for (const struct vq_chain *chain = first; chain; chain = chain->next) {
            fill_used(vq, chain);
        }
        publish_used(vq, first);
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

bool vq_should_signal(struct virtqueue *vq)
{
    uint16_t old = vq->signalled, event;
    bool valid = vq->signalled_valid;

    if (!vq->map || vq->error[0]) {
        return false;
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);    /* the used idx before the driver's wish */
    if (!vq->event_idx) {
        return !(__atomic_load_n(&vq->avail[0], __ATOMIC_RELAXED) & AVAIL_NO_INTERRUPT);
    }
    event = __atomic_load_n(&vq->avail[2 + vq->config.num], __ATOMIC_RELAXED);
    vq->signalled = vq->used_idx;
    vq->signalled_valid = true;
    return !valid || (uint16_t)(vq->used_idx - event - 1) < (uint16_t)(vq->used_idx - old);
}

void vq_kicks_off(struct virtqueue *vq)
{
    if (vq->map && !vq->error[0] && !vq->event_idx) {
        __atomic_store_n(&vq->used[0], USED_NO_NOTIFY, __ATOMIC_RELAXED);
    }
}

bool vq_kicks_on(struct virtqueue *vq)
{
    if (!vq->map || vq->error[0]) {
        return false;
    }
    if (vq->event_idx) {
        __atomic_store_n(&vq->used[2 + 4 * vq->config.num], vq->last_avail, __ATOMIC_RELAXED);
    } else {
        __atomic_store_n(&vq->used[0], 0, __ATOMIC_RELAXED);
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);    /* our wish before the driver's idx */
    return vq->next_resubmit < vq->n_resubmit ||
           __atomic_load_n(&vq->avail[1], __ATOMIC_RELAXED) != vq->last_avail;
}
