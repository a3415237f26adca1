/*
 * virtio_any.c - see virtio_any.h. A KVM without hardware emulates a few million instructions a
 * second: as little as possible is written and waited for.
 */
#include "virtio_any.h"

#include "freestanding.h"

enum {
    MAGIC = 0x74726976,
    PCI_VIRTIO = 0x1af4,
    PCI_MODERN = 0x1040,
    WINDOWS = 0xc0000000,           /* of devices over MMIO */
    PATIENCE = 12,                  /* reads of the status, each of which leaves the guest */
    SPINS = 50,                     /* looks at the ring between two of them */
};

static uint8_t pages[ANY_QUEUES][4096] __attribute__((aligned(4096)));

static bool find_on_bus(struct any *d, unsigned slot)
{
    uint32_t id;

    d->regs.slot = slot;
    id = blk_pci_get(&d->regs, 0);
    if ((id & 0xffff) != PCI_VIRTIO)
        return false;
    d->id = (id >> 16) - PCI_MODERN;
    d->regs.pci = true;
    d->regs.base = blk_pci_get(&d->regs, PCI_BAR0) & ~(uintptr_t)15;
    blk_pci_set(&d->regs, PCI_COMMAND, PCI_COMMAND_MEMORY);
    return true;
}

bool any_find(struct any *d, unsigned number)
{
    memset(d, 0, sizeof *d);
    if (find_on_bus(d, number + 1))
        return true;
    d->regs.base = WINDOWS + (uintptr_t)number * WINDOW;
    d->id = blk_get(&d->regs, REG_DEVICE_ID);
    return blk_get(&d->regs, REG_MAGIC) == MAGIC && d->id != 0;
}

bool any_reset(struct any *d)
{
    blk_set(&d->regs, REG_STATUS, 0);
    for (unsigned i = 0; i < PATIENCE; i++) {
        if (blk_get(&d->regs, REG_STATUS) == 0)
            return true;
    }
    return false;
}

/* The high half is 0 since the reset. */
static void set_address(struct any *d, unsigned reg, const void *address)
{
    blk_set(&d->regs, reg, (uint32_t)(uintptr_t)address);
}

void any_program(struct any *d, unsigned q)
{
    struct any_queue *queue = &d->queue[q];

    queue->page = pages[q];
    memset(queue->page, 0, ANY_RING * sizeof(struct desc));
    memset(queue->page + ANY_AVAIL, 0, 8 + 2 * ANY_RING);
    memset(queue->page + ANY_USED, 0, 8 + 8 * ANY_RING);
    queue->next = queue->seen = d->packed ? 0x8000 : 0;
    blk_set(&d->regs, REG_QUEUE_SEL, q);
    blk_set(&d->regs, REG_QUEUE_NUM, ANY_RING);
    set_address(d, REG_QUEUE_DESC, queue->page);
    set_address(d, REG_QUEUE_DRIVER, queue->page + ANY_AVAIL);
    set_address(d, REG_QUEUE_DEVICE, queue->page + ANY_USED);
}

void any_enable(struct any *d, unsigned q)
{
    blk_set(&d->regs, REG_QUEUE_SEL, q);
    blk_set(&d->regs, REG_QUEUE_READY, 1);
}

bool any_open(struct any *d, uint64_t wanted)
{
    if (!any_reset(d) || !blk_negotiate(&d->regs, wanted | 1ull << FEATURE_VERSION_1))
        return false;
    d->packed = d->regs.features >> FEATURE_PACKED & 1;
    for (d->n_queues = 0; d->n_queues < ANY_QUEUES; d->n_queues++) {
        blk_set(&d->regs, REG_QUEUE_SEL, d->n_queues);
        if (blk_get(&d->regs, REG_QUEUE_NUM_MAX) == 0)
            break;
        any_program(d, d->n_queues);
        any_enable(d, d->n_queues);
    }
    blk_set(&d->regs, REG_STATUS,
            STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
    return !(blk_get(&d->regs, REG_STATUS) & STATUS_NEEDS_RESET);
}

/* A position of a packed ring, n further on. */
static uint16_t moved(uint16_t position, unsigned n)
{
    unsigned index = (position & 0x7fffu) + n, wrap = position & 0x8000u;

    while (index >= ANY_RING) {
        index -= ANY_RING;
        wrap ^= 0x8000;
    }
    return (uint16_t)(index | wrap);
}

static void offer_packed(struct any_queue *queue, const struct desc *chain, unsigned n, uint16_t id)
{
    struct desc *ring = (void *)queue->page;

    for (unsigned i = n < ANY_RING ? n : ANY_RING; i-- > 0;) {
        uint16_t position = moved(queue->next, i);
        struct desc *at = &ring[position & 0x7fff];
        unsigned mark;

        at->gpa = chain[i].gpa;
        at->size = chain[i].size;
        at->flags = id;             /* where a split ring's descriptor has its flags */
        mark = position & 0x8000 ? PACKED_AVAIL : PACKED_USED;
        __atomic_store_n(&at->next, (uint16_t)(chain[i].flags | mark), __ATOMIC_RELEASE);
    }
    queue->next = moved(queue->next, n);
    queue->taken = (uint16_t)n;
}

void any_offer(struct any *d, unsigned q, const struct desc *chain, unsigned n, uint16_t head,
               uint16_t step)
{
    struct any_queue *queue = &d->queue[q];
    uint16_t *avail = (void *)(queue->page + ANY_AVAIL);

    if (d->packed) {
        offer_packed(queue, chain, n, head);
        return;
    }
    memcpy(queue->page, chain, (n < ANY_RING ? n : ANY_RING) * sizeof *chain);
    avail[2 + queue->next % ANY_RING] = head;
    queue->next = (uint16_t)(queue->next + step);
    __atomic_store_n(&avail[1], queue->next, __ATOMIC_RELEASE);
}

void any_kick(struct any *d, unsigned q)
{
    if (!d->regs.pci)
        blk_set(&d->regs, REG_QUEUE_NOTIFY, q);
    else
        *(volatile uint16_t *)(d->regs.base + BAR_KICK + 4 * q) = (uint16_t)q;
}

/* Takes a used chain if there is one. */
static bool take(struct any *d, struct any_queue *queue, uint32_t *size)
{
    const uint16_t *used = (const void *)(queue->page + ANY_USED);
    const struct desc *ring = (const void *)queue->page;
    uint16_t flags;
    bool wrap;

    if (!d->packed) {
        if (__atomic_load_n(&used[1], __ATOMIC_ACQUIRE) == queue->seen)
            return false;
        memcpy(size, &used[2 + 4 * (queue->seen % ANY_RING) + 2], sizeof *size);
        queue->seen++;
        return true;
    }
    flags = __atomic_load_n(&ring[queue->seen & 0x7fff].next, __ATOMIC_ACQUIRE);
    wrap = queue->seen & 0x8000;
    if (!!(flags & PACKED_AVAIL) != wrap || !!(flags & PACKED_USED) != wrap)
        return false;
    *size = ring[queue->seen & 0x7fff].size;
    queue->seen = moved(queue->seen, queue->taken);
    return true;
}

int64_t any_used(struct any *d, unsigned q)
{
    uint32_t size;

    for (unsigned i = 0; i < PATIENCE; i++) {
        for (unsigned k = 0; k < SPINS; k++) {
            if (take(d, &d->queue[q], &size))
                return size;
        }
        if (any_broken(d))
            return -1;
    }
    return -1;
}

bool any_broken(struct any *d)
{
    return blk_get(&d->regs, REG_STATUS) & STATUS_NEEDS_RESET;
}
