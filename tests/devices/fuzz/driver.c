/*
 * driver.c - see driver.h: registers, buffers, starting and stopping. Rings are in driver_ring.c.
 */
#include <string.h>

#include "driver_impl.h"

uint32_t driver_get(const struct driver *d, unsigned reg)
{
    return (uint32_t)virtio_mmio_read(d->mmio, reg, 4);
}

void driver_set(const struct driver *d, unsigned reg, uint32_t value)
{
    virtio_mmio_write(d->mmio, reg, 4, value);
}

static void map(uint64_t gpa, uint64_t size, uint64_t offset)
{
    if (guestmem_map_fd(fuzz_memory, gpa, gpa, size, fuzz_ram_fd, offset)) {
        fuzz_fail("no guest memory at 0x%llx", (unsigned long long)gpa);
    }
}

void driver_open(struct driver *d, struct virtio_device *dev)
{
    map(0, RAM_LOW, 0);
    map(RAM_LOW, RAM_MORE, RAM_LOW);
    map(RAM_HIGH_GPA, RAM_HIGH, RAM_LOW + RAM_MORE);
    memset(d, 0, sizeof *d);
    d->dev = dev;
    d->mmio = virtio_mmio_new(dev, NULL, NULL);
    virtio_offer_packed(dev);
}

static void reset(struct driver *d)
{
    driver_set(d, REG_STATUS, 0);
    if (driver_get(d, REG_STATUS) != 0) {
        fuzz_fail("the device does not reset: status 0x%x", driver_get(d, REG_STATUS));
    }
    memset(d->queue, 0, sizeof d->queue);
    d->tainted = false;
}

void driver_close(struct driver *d)
{
    reset(d);
    virtio_mmio_free(d->mmio);
    virtio_device_free(d->dev);
}

bool driver_broken(const struct driver *d)
{
    return driver_get(d, REG_STATUS) & S_NEEDS_RESET;
}

static uint64_t offered(struct driver *d)
{
    uint64_t low;

    driver_set(d, REG_DEVICE_FEATURES_SEL, 0);
    low = driver_get(d, REG_DEVICE_FEATURES);
    driver_set(d, REG_DEVICE_FEATURES_SEL, 1);
    return low | (uint64_t)driver_get(d, REG_DEVICE_FEATURES) << 32;
}

static void accept(struct driver *d, uint64_t features)
{
    d->features = features;
    for (uint32_t half = 0; half < 2; half++) {
        driver_set(d, REG_DRIVER_FEATURES_SEL, half);
        driver_set(d, REG_DRIVER_FEATURES, (uint32_t)(features >> (32 * half)));
    }
}

static void set_address(const struct driver *d, unsigned reg, uint64_t gpa)
{
    driver_set(d, reg, (uint32_t)gpa);
    driver_set(d, reg + 4, (uint32_t)(gpa >> 32));
}

void driver_start_queue(struct driver *d, uint16_t q)
{
    struct driver_queue *queue = &d->queue[q];
    uint64_t at = (uint64_t)q * RING_BYTES;

    memset(queue, 0, sizeof *queue);
    memset(fuzz_ram + at, 0, RING_BYTES);
    queue->running = true;
    queue->index = queue->seen = driver_packed(d) ? PACKED_WRAP : 0;
    for (queue->n_free = 0; queue->n_free < RING; queue->n_free++) {
        queue->free[queue->n_free] = (uint16_t)(RING - 1 - queue->n_free);
    }
    driver_set(d, REG_QUEUE_SEL, q);
    driver_set(d, REG_QUEUE_NUM, RING);
    set_address(d, REG_QUEUE_DESC, at);
    set_address(d, REG_QUEUE_DRIVER, at + RING_AVAIL);
    set_address(d, REG_QUEUE_DEVICE, at + RING_USED);
    driver_set(d, REG_QUEUE_READY, 1);
}

void driver_stop_queue(struct driver *d, uint16_t q, bool by_reset)
{
    by_reset = by_reset && d->features >> F_RING_RESET & 1;
    driver_set(d, REG_QUEUE_SEL, q);
    driver_set(d, by_reset ? REG_QUEUE_RESET : REG_QUEUE_READY, by_reset);
    d->queue[q].running = false;
}

void driver_start(struct driver *d, uint64_t features)
{
    reset(d);
    driver_set(d, REG_STATUS, S_ACKNOWLEDGE);
    driver_set(d, REG_STATUS, S_ACKNOWLEDGE | S_DRIVER);
    accept(d, (features | 1ull << F_VERSION_1) & offered(d));
    driver_set(d, REG_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK);
    if (!(driver_get(d, REG_STATUS) & S_FEATURES_OK)) {
        fuzz_fail("the device refuses its own features 0x%llx", (unsigned long long)d->features);
    }
    for (uint16_t q = 0; q < virtio_n_queues(d->dev) && q < QUEUES_MAX; q++) {
        driver_start_queue(d, q);
    }
    driver_set(d, REG_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK | S_DRIVER_OK);
    if (driver_broken(d)) {
        fuzz_fail("the device breaks at its start");
    }
}

/* ---- buffers ---- */

#define BUFFERS (RAM_LOW + RAM_MORE - RINGS_END)    /* bytes */

/* What `made` was when the oldest chain that has memory was begun. */
static uint64_t oldest(const struct driver *d, const struct driver_chain *c)
{
    uint64_t since = c->since;

    for (uint16_t q = 0; q < QUEUES_MAX; q++) {
        for (uint16_t i = 0; d->queue[q].running && i < RING; i++) {
            if (d->queue[q].head[i].n && d->queue[q].head[i].since < since) {
                since = d->queue[q].head[i].since;
            }
        }
    }
    return since;
}

bool driver_buffer(struct driver *d, struct driver_chain *c, uint64_t size, bool whole,
                   uint64_t *gpa)
{
    uint64_t made = d->made, at = RINGS_END + made % BUFFERS;

    if (!c->begun) {
        c->begun = true;
        c->since = made;
    }
    if (at < RAM_LOW && at + size > RAM_LOW && whole) {
        made += RAM_LOW - at;
    }
    if (RINGS_END + made % BUFFERS + size > RINGS_END + BUFFERS) {
        made += BUFFERS - made % BUFFERS;
    }
    if (made + size - oldest(d, c) > BUFFERS) {
        return false;
    }
    *gpa = RINGS_END + made % BUFFERS;
    d->made = (made + size + 15) & ~15ull;
    return true;
}

/* The memory of a new part of the chain, which is dropped when there is none. */
static bool take(struct driver *d, struct driver_chain *c, uint32_t size, uint64_t *gpa)
{
    if (c->dropped || !driver_buffer(d, c, size, false, gpa)) {
        c->dropped = true;
        c->n = 0;
    }
    return !c->dropped;
}

/* Appends [gpa, gpa + size), in one part or in up to four. */
static void add(struct fuzz_input *in, struct driver_chain *c, uint64_t gpa, uint32_t size,
                uint16_t flags)
{
    unsigned parts = fuzz_u8(in) % 8;

    while (size > 0 && c->n < BUFFERS_MAX) {
        uint32_t here = size;

        if (parts > 4 && size > 1 && c->n + 1 < BUFFERS_MAX) {
            here = 1 + fuzz_u8(in) % size;
            here = here < size ? here : size;
            parts--;
        }
        c->buffer[c->n++] = (struct driver_buffer){gpa, here, flags};
        gpa += here;
        size -= here;
    }
}

void driver_add_out(struct driver *d, struct fuzz_input *in, struct driver_chain *c,
                    const void *bytes, uint32_t size)
{
    uint64_t gpa;

    if (take(d, c, size, &gpa)) {
        memcpy(fuzz_ram + gpa, bytes, size);
        add(in, c, gpa, size, 0);
    }
}

void driver_add_in(struct driver *d, struct fuzz_input *in, struct driver_chain *c, uint32_t size)
{
    uint64_t gpa;

    if (take(d, c, size, &gpa)) {
        add(in, c, gpa, size, DESC_WRITE);
        c->room += size;
    }
}
