/*
 * virtio_pci.c - see virtio_pci.h: the function, its capabilities, BAR 0, kicks and interrupts.
 */
#include <stddef.h>
#include <stdlib.h>

#include "loop.h"
#include "virtio_pci_impl.h"

enum {
    VENDOR_CAPABILITY = 0x09,
    CAP_COMMON = 1, CAP_KICK = 2, CAP_ISR = 3, CAP_DEVICE = 4, CAP_PCI = 5,
    KICK_MULTIPLIER = 4,
    PAGE = 0x1000,

    ISR_QUEUE = 1,
    ISR_CONFIG = 2,
};

/* What pci_add_capability takes: struct virtio_pci_cap without its first two bytes. */
struct capability {
    uint8_t length, type, bar, id, padding[2];
    uint32_t offset, size;
    uint32_t more;              /* the kick multiplier, or the window's data */
} __attribute__((packed));

enum {
    SHORT_CAPABILITY = offsetof(struct capability, more),
    /* From the start of the window's capability. */
    WINDOW_BAR = 2 + offsetof(struct capability, bar),
    WINDOW_OFFSET = 2 + offsetof(struct capability, offset),
    WINDOW_SIZE = 2 + offsetof(struct capability, size),
    WINDOW_DATA = 2 + offsetof(struct capability, more),
};

/* A register access on its way to the loop thread. */
struct register_access {
    struct virtio_pci *p;
    uint64_t offset, value;
    unsigned size;
};

/* ---- interrupts; the loop thread --------------------------------------------------------------- */

static void signal_vector(struct virtio_pci *p, uint16_t vector, uint8_t isr)
{
    if (msix_signal(&p->msix, vector))
        return;
    p->isr |= isr;
    pci_set_intx(&p->fn, true);
}

static void signal_queue(void *transport, uint16_t queue)
{
    struct virtio_pci *p = transport;

    signal_vector(p, p->vector[queue], ISR_QUEUE);
}

static void signal_config(void *transport)
{
    struct virtio_pci *p = transport;

    signal_vector(p, p->config_vector, ISR_CONFIG);
}

static const struct virtio_transport pci_transport = {
    .signal_queue = signal_queue,
    .signal_config = signal_config,
    .signal_broken = signal_config,
    .features = UINT64_C(1) << VIRTIO_F_RING_RESET,
};

uint8_t virtio_pci_take_isr(struct virtio_pci *p)
{
    uint8_t isr = p->isr;

    p->isr = 0;
    pci_set_intx(&p->fn, false);
    return isr;
}

void virtio_pci_forget_vectors(struct virtio_pci *p)
{
    p->config_vector = VIRTIO_PCI_NO_VECTOR;
    for (uint16_t i = 0; i < p->regs.n_queues; i++)
        p->vector[i] = VIRTIO_PCI_NO_VECTOR;
}

/* ---- registers; the loop thread ------------------------------------------------------------------ */

static void read_in_loop(void *opaque)
{
    struct register_access *a = opaque;
    uint64_t in_page = a->offset % PAGE;

    a->value = 0;
    switch (a->offset - in_page) {
    case VIRTIO_PCI_COMMON:
        a->value = virtio_pci_common_read(a->p, in_page, a->size);
        break;
    case VIRTIO_PCI_ISR:
        if (in_page == 0 && a->size == 1)
            a->value = virtio_pci_take_isr(a->p);
        break;
    case VIRTIO_PCI_CONFIG:
        virtio_config_read(a->p->dev, (uint32_t)in_page, &a->value, a->size);
        break;
    default:
        break;
    }
}

static void write_in_loop(void *opaque)
{
    struct register_access *a = opaque;
    uint64_t in_page = a->offset % PAGE;
    uint64_t mask = UINT64_MAX >> (64 - 8 * a->size);

    switch (a->offset - in_page) {
    case VIRTIO_PCI_COMMON:
        virtio_pci_common_write(a->p, in_page, a->size, (uint32_t)(a->value & mask));
        break;
    case VIRTIO_PCI_CONFIG:
        virtio_config_write(a->p->dev, (uint32_t)in_page, &a->value, a->size);
        break;
    case VIRTIO_PCI_KICK:
        if (in_page % KICK_MULTIPLIER == 0)
            virtio_regs_kick(&a->p->regs, (uint32_t)(in_page / KICK_MULTIPLIER));
        break;
    default:
        break;
    }
}

/* ---- the function; any thread --------------------------------------------------------------------- */

static uint64_t read_bar(void *opaque, uint64_t offset, unsigned size)
{
    struct virtio_pci *p = opaque;
    struct register_access a = {.p = p, .offset = offset, .size = size};

    if (size != 1 && size != 2 && size != 4 && size != 8)
        return 0;
    if (offset >= VIRTIO_PCI_MSIX && offset < VIRTIO_PCI_PENDING)
        return msix_table_read(&p->msix, offset - VIRTIO_PCI_MSIX, size);
    if (offset >= VIRTIO_PCI_PENDING)
        return msix_pending_read(&p->msix, offset - VIRTIO_PCI_PENDING, size);
    loop_call_sync(virtio_context(p->dev), read_in_loop, &a);
    return a.value;
}

static void write_bar(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct virtio_pci *p = opaque;
    struct register_access a = {.p = p, .offset = offset, .size = size, .value = value};

    if (size != 1 && size != 2 && size != 4 && size != 8)
        return;
    if (offset >= VIRTIO_PCI_MSIX && offset < VIRTIO_PCI_PENDING)
        msix_table_write(&p->msix, offset - VIRTIO_PCI_MSIX, size, value);
    else if (offset < VIRTIO_PCI_MSIX)
        loop_call_sync(virtio_context(p->dev), write_in_loop, &a);
}

/* Kicks without an exit, wherever the BAR is. */
static void move_kicks(void *opaque, uint64_t gpa)
{
    struct virtio_pci *p = opaque;
    const struct pci_platform *platform = p->fn.bus->platform;

    for (uint16_t q = 0; q < p->regs.n_queues; q++) {
        uint64_t at = VIRTIO_PCI_KICK + (uint64_t)q * KICK_MULTIPLIER;
        int fd = p->regs.queues[q].kick_fd;

        if (p->kicks_at != 0)
            platform->remove_kick(platform->opaque, fd, p->kicks_at + at);
        if (gpa != 0)
            platform->add_kick(platform->opaque, fd, gpa + at);
    }
    p->kicks_at = gpa;
}

/*
 * The window of section 4.1.4.9: the guest has written BAR, offset and length of an access into the
 * capability, and now reads or writes the data. Where that lies in BAR 0, or false.
 */
static bool find_window(struct virtio_pci *p, uint64_t *offset, unsigned *size)
{
    uint32_t bar = pci_config_get(&p->fn, p->window + WINDOW_BAR, 1);

    *offset = pci_config_get(&p->fn, p->window + WINDOW_OFFSET, 4);
    *size = pci_config_get(&p->fn, p->window + WINDOW_SIZE, 4);
    return bar == 0 && (*size == 1 || *size == 2 || *size == 4) && *offset % *size == 0
           && *offset < VIRTIO_PCI_BAR_SIZE;
}

static uint64_t read_window(void *opaque, unsigned offset, unsigned size)
{
    struct virtio_pci *p = opaque;
    unsigned length;
    uint64_t at;

    if (!find_window(p, &at, &length) || offset + size > length)
        return 0;
    return read_bar(p, at, length) >> (8 * offset);
}

static void write_window(void *opaque, unsigned offset, unsigned size, uint64_t value)
{
    struct virtio_pci *p = opaque;
    unsigned length;
    uint64_t at;

    if (find_window(p, &at, &length) && offset == 0 && size == length)
        write_bar(p, at, length, value);
}

/* ---- making one ------------------------------------------------------------------------------ */

static void add_region(struct pci_function *fn, uint8_t type, uint32_t offset, uint32_t size)
{
    bool kick = type == CAP_KICK;
    unsigned length = kick ? sizeof(struct capability) : SHORT_CAPABILITY;
    struct capability body = {.length = (uint8_t)(length + 2), .type = type, .offset = offset,
                              .size = size, .more = KICK_MULTIPLIER};

    pci_add_capability(fn, VENDOR_CAPABILITY, &body, NULL, length);
}

static void add_window(struct virtio_pci *p)
{
    struct capability body = {.length = sizeof body + 2, .type = CAP_PCI},
                      writable = {.bar = 0xff, .offset = UINT32_MAX, .size = UINT32_MAX};

    p->window = pci_add_capability(&p->fn, VENDOR_CAPABILITY, &body, &writable, sizeof body);
    p->fn.window = (uint8_t)(p->window + WINDOW_DATA);
}

/* Base class, subclass and interface, by the device's ID. */
static uint32_t pci_class(uint32_t device_id)
{
    switch (device_id) {
    case 1:
        return 0x020000;        /* Ethernet */
    case 2:
    case 8:
        return 0x010000;        /* mass storage, SCSI, as QEMU says of virtio disks */
    case 3:
        return 0x078000;        /* communication, other */
    default:
        return 0xff0000;        /* none of the classes */
    }
}

static void describe(struct virtio_pci *p)
{
    uint32_t id = virtio_class_of(p->dev)->device_id;
    uint32_t config_size = (uint32_t)virtio_class_of(p->dev)->config_size;

    pci_identify(&p->fn, VIRTIO_PCI_VENDOR, (uint16_t)(VIRTIO_PCI_DEVICE + id), pci_class(id), 1);
    add_region(&p->fn, CAP_COMMON, VIRTIO_PCI_COMMON, VIRTIO_PCI_COMMON_SIZE);
    add_region(&p->fn, CAP_KICK, VIRTIO_PCI_KICK, p->regs.n_queues * KICK_MULTIPLIER);
    add_region(&p->fn, CAP_ISR, VIRTIO_PCI_ISR, 1);
    if (config_size > 0)
        add_region(&p->fn, CAP_DEVICE, VIRTIO_PCI_CONFIG, config_size);
    add_window(p);
    msix_describe(&p->fn, VIRTIO_PCI_MSIX, VIRTIO_PCI_PENDING);
}

struct virtio_pci *virtio_pci_new(struct virtio_device *dev, struct pci_bus *bus)
{
    uint16_t n = virtio_n_queues(dev);
    struct virtio_pci *p = calloc(1, sizeof *p + n * sizeof p->vector[0]);

    if (p == NULL || msix_init(&p->msix, bus->platform, n < MSIX_MAX ? n + 1 : MSIX_MAX) < 0) {
        free(p);
        return NULL;
    }
    p->dev = dev;
    virtio_regs_init(&p->regs, dev);
    virtio_pci_forget_vectors(p);
    p->fn.opaque = p;
    p->fn.bar_size = VIRTIO_PCI_BAR_SIZE;
    p->fn.read = read_bar;
    p->fn.write = write_bar;
    p->fn.moved = move_kicks;
    p->fn.window_read = read_window;
    p->fn.window_write = write_window;
    p->fn.msix = &p->msix;
    describe(p);
    virtio_attach(dev, &pci_transport, p);
    if (pci_add(bus, &p->fn) < 0) {
        virtio_pci_free(p);
        return NULL;
    }
    return p;
}

void virtio_pci_free(struct virtio_pci *p)
{
    virtio_attach(p->dev, NULL, NULL);
    virtio_regs_free(&p->regs);
    msix_free(&p->msix);
    free(p);
}

const struct pci_function *virtio_pci_function(const struct virtio_pci *p)
{
    return &p->fn;
}

uint64_t virtio_pci_kick_exits(const struct virtio_pci *p)
{
    return p->regs.kicks;
}
