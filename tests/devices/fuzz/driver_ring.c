/*
 * driver_ring.c - the driver's side of split and packed rings; what may be wrong with a chain is
 * here.
 *
 * A chain is written into the ring as it should be, and then perhaps one field of one of its
 * descriptors, or of the ring around it, is written over before the device can see it.
 */
#include <string.h>

#include "driver_impl.h"

static uint8_t *ring(uint16_t q, unsigned offset)
{
    return fuzz_ram + (size_t)q * RING_BYTES + offset;
}

static uint16_t load16(const uint8_t *at)
{
    return __atomic_load_n((const uint16_t *)(const void *)at, __ATOMIC_ACQUIRE);
}

static uint32_t load32(const uint8_t *at)
{
    return __atomic_load_n((const uint32_t *)(const void *)at, __ATOMIC_ACQUIRE);
}

static void store16(uint8_t *at, uint16_t value)
{
    __atomic_store_n((uint16_t *)(void *)at, value, __ATOMIC_RELEASE);
}

/* `third` and `last` are flags and next of a split ring, ID and flags of a packed one. */
static void put_descriptor(uint8_t *at, const struct driver_buffer *b, uint16_t third,
                           uint16_t last)
{
    memcpy(at, &b->gpa, 8);
    memcpy(at + 8, &b->size, 4);
    store16(at + 12, third);
    store16(at + 14, last);
}

/* Writes over one field of the descriptor. */
static void spoil(struct driver *d, struct fuzz_input *in, uint8_t *at)
{
    uint64_t gpa;
    uint32_t size;

    d->tainted = true;
    switch (fuzz_u8(in) % 4) {
    case 0:
        gpa = fuzz_address(in);
        memcpy(at, &gpa, 8);
        break;
    case 1:
        size = fuzz_number(in);
        memcpy(at + 8, &size, 4);
        break;
    default:
        at += fuzz_u8(in) & 1 ? 12 : 14;
        store16(at, (uint16_t)(load16(at) ^ 1u << fuzz_u8(in) % 16));
        break;
    }
}

/* A position of a packed ring, n further on. */
static uint16_t moved(uint16_t position, unsigned n)
{
    unsigned index = (position & (PACKED_WRAP - 1u)) + n, wrap = position & PACKED_WRAP;

    return (uint16_t)(index < RING ? index | wrap : (index - RING) | (wrap ^ PACKED_WRAP));
}

/* ---- making chains available ---- */

/* Moves the chain's buffers to an indirect table; the chain is one descriptor then. */
static void make_indirect(struct driver *d, struct fuzz_input *in, struct driver_chain *c)
{
    uint64_t gpa;

    if (!driver_buffer(d, c, 16 * c->n, true, &gpa)) {
        return;
    }
    for (unsigned i = 0; i < c->n; i++) {
        uint16_t flags = c->buffer[i].flags, next = i + 1 < c->n ? DESC_NEXT : 0;

        if (driver_packed(d)) {
            put_descriptor(fuzz_ram + gpa + 16 * i, &c->buffer[i], 0, flags);
        } else {
            put_descriptor(fuzz_ram + gpa + 16 * i, &c->buffer[i], flags | next, (uint16_t)(i + 1));
        }
    }
    if (fuzz_rare(in)) {
        spoil(d, in, fuzz_ram + gpa + 16 * (fuzz_u8(in) % c->n));
    }
    c->buffer[0] = (struct driver_buffer){gpa, 16 * c->n, DESC_INDIRECT};
    c->n = 1;
}

static void offer_split(struct driver *d, struct fuzz_input *in, uint16_t q,
                        const struct driver_chain *c)
{
    struct driver_queue *queue = &d->queue[q];
    uint16_t head = queue->free[queue->n_free - 1], step = 1;
    uint8_t *avail = ring(q, RING_AVAIL);

    queue->head[head].n = (uint16_t)c->n;
    queue->head[head].room = c->room;
    queue->head[head].since = c->since;
    for (unsigned i = 0; i < c->n; i++) {
        uint16_t at = queue->free[--queue->n_free], next = i + 1 < c->n ? DESC_NEXT : 0;

        queue->head[head].descriptor[i] = at;
        put_descriptor(ring(q, 16u * at), &c->buffer[i], c->buffer[i].flags | next,
                       next ? queue->free[queue->n_free - 1] : 0);
    }
    if (fuzz_rare(in)) {
        spoil(d, in, ring(q, 16u * queue->head[head].descriptor[fuzz_u8(in) % c->n]));
    }
    store16(avail + 4 + 2 * (queue->index % RING), head);
    if (fuzz_rare(in)) {
        d->tainted = true;
        store16(avail + 4 + 2 * (queue->index % RING), fuzz_u16(in));
    }
    if (fuzz_rare(in)) {
        d->tainted = true;
        step = fuzz_u16(in);
    }
    queue->index = (uint16_t)(queue->index + step);
    store16(avail + 2, queue->index);
}

static void offer_packed(struct driver *d, struct fuzz_input *in, uint16_t q,
                         const struct driver_chain *c)
{
    struct driver_queue *queue = &d->queue[q];
    uint16_t id = queue->free[queue->n_free - 1];

    queue->head[id].n = (uint16_t)c->n;
    queue->head[id].room = c->room;
    queue->head[id].since = c->since;
    for (unsigned i = 0; i < c->n; i++) {
        queue->head[id].descriptor[i] = queue->free[--queue->n_free];
    }
    for (unsigned i = c->n; i-- > 0;) {
        uint16_t position = moved(queue->index, i), next = i + 1 < c->n ? DESC_NEXT : 0;
        uint16_t mark = position & PACKED_WRAP ? PACKED_AVAIL : PACKED_USED;
        uint8_t *at = ring(q, 16u * (position & (PACKED_WRAP - 1u)));

        put_descriptor(at, &c->buffer[i], id, c->buffer[i].flags | next | mark);
        if (fuzz_rare(in)) {
            spoil(d, in, at);
        }
    }
    queue->index = moved(queue->index, c->n);
}

void driver_offer(struct driver *d, struct fuzz_input *in, uint16_t q, struct driver_chain *c)
{
    struct driver_queue *queue = &d->queue[q];

    if (c->n == 0 || !queue->running) {
        return;
    }
    if (d->features >> F_INDIRECT & 1 && (fuzz_u8(in) % 4 == 0 || c->n > RING)) {
        make_indirect(d, in, c);
    }
    driver_reap(d, q);
    if (c->n > queue->n_free) {
        return;
    }
    queue->n_in_flight++;
    if (driver_packed(d)) {
        offer_packed(d, in, q, c);
    } else {
        offer_split(d, in, q, c);
    }
}

void driver_kick(struct driver *d, uint16_t q)
{
    driver_set(d, REG_QUEUE_NOTIFY, q);
}

/* ---- taking them back ---- */

static void take_back(struct driver *d, uint16_t q, uint32_t id, uint32_t length)
{
    struct driver_queue *queue = &d->queue[q];

    if (id >= RING || queue->head[id].n == 0) {
        if (!d->tainted) {
            fuzz_fail("queue %u: head %u comes back and was not in flight", q, id);
        }
        return;
    }
    if (!d->tainted && length > queue->head[id].room) {
        fuzz_fail("queue %u: %u bytes of head %u are used, which has room for %llu", q, length, id,
                  (unsigned long long)queue->head[id].room);
    }
    for (unsigned i = 0; i < queue->head[id].n; i++) {
        queue->free[queue->n_free++] = queue->head[id].descriptor[i];
    }
    queue->head[id].n = 0;
    queue->n_in_flight--;
}

static void reap_split(struct driver *d, uint16_t q)
{
    struct driver_queue *queue = &d->queue[q];
    const uint8_t *used = ring(q, RING_USED);

    for (unsigned n = 0; n < RING && load16(used + 2) != queue->seen; n++) {
        const uint8_t *entry = used + 4 + 8 * (queue->seen++ % RING);

        take_back(d, q, load32(entry), load32(entry + 4));
    }
}

static void reap_packed(struct driver *d, uint16_t q)
{
    struct driver_queue *queue = &d->queue[q];

    for (unsigned n = 0; n < RING; n++) {
        const uint8_t *at = ring(q, 16u * (queue->seen & (PACKED_WRAP - 1u)));
        uint16_t id = load16(at + 12), flags = load16(at + 14);
        bool wrap = queue->seen & PACKED_WRAP;

        if (!!(flags & PACKED_AVAIL) != wrap || !!(flags & PACKED_USED) != wrap) {
            return;
        }
        queue->seen = moved(queue->seen, id < RING && queue->head[id].n ? queue->head[id].n : 1);
        take_back(d, q, id, load32(at + 8));
    }
}

void driver_reap(struct driver *d, uint16_t q)
{
    if (!d->queue[q].running) {
        return;
    }
    if (!d->tainted && driver_broken(d)) {
        fuzz_fail("the device is broken, and the driver kept every rule");
    }
    if (driver_packed(d)) {
        reap_packed(d, q);
    } else {
        reap_split(d, q);
    }
}

void driver_scribble(struct driver *d, struct fuzz_input *in)
{
    uint16_t q = fuzz_u8(in) % QUEUES_MAX;
    unsigned offset = fuzz_u16(in) % RING_BYTES & ~1u;

    d->tainted = true;
    store16(ring(q, offset % 3 ? offset % (RING_USED + 0x100) : offset), fuzz_u16(in));
}
