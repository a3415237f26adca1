/*
 * The virtio-mmio register file: which offset means what; virtio_regs.c has the meaning.
 *
 * Registers are 4 bytes wide and aligned; other accesses have no effect.
 */
#include "virtio_mmio.h"

#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "virtio_regs.h"

#define MAGIC       0x74726976  /* "virt" */
#define VERSION     2
#define VENDOR      0x00637063  /* "cpc" */

enum {
    R_MAGIC = 0x00, R_VERSION = 0x04, R_DEVICE_ID = 0x08, R_VENDOR_ID = 0x0c,
    R_DEVICE_FEATURES = 0x10, R_DEVICE_FEATURES_SEL = 0x14,
    R_DRIVER_FEATURES = 0x20, R_DRIVER_FEATURES_SEL = 0x24,
    R_QUEUE_SEL = 0x30, R_QUEUE_NUM_MAX = 0x34, R_QUEUE_NUM = 0x38, R_QUEUE_READY = 0x44,
    R_QUEUE_NOTIFY = VIRTIO_MMIO_NOTIFY, R_INTERRUPT_STATUS = 0x60, R_INTERRUPT_ACK = 0x64,
    R_STATUS = 0x70,
    R_QUEUE_DESC_LOW = 0x80, R_QUEUE_DESC_HIGH = 0x84,
    R_QUEUE_DRIVER_LOW = 0x90, R_QUEUE_DRIVER_HIGH = 0x94,
    R_QUEUE_DEVICE_LOW = 0xa0, R_QUEUE_DEVICE_HIGH = 0xa4,
    R_SHM_LEN_LOW = 0xb0, R_SHM_BASE_HIGH = 0xbc, R_QUEUE_RESET = 0xc0,
    R_CONFIG_GENERATION = 0xfc, R_CONFIG = 0x100,
};

#define INT_USED    1u
#define INT_CONFIG  2u

struct virtio_mmio {
    struct virtio_device *dev;
    void (*signal)(void *opaque);
    void *opaque;
    int irq_fd;
    uint32_t interrupts;
    struct virtio_regs regs;
};

static void raise_interrupt(struct virtio_mmio *m, uint32_t bits)
{
    uint64_t one = 1;

    m->interrupts |= bits;
    if (m->signal) {
        m->signal(m->opaque);
    } else if (write(m->irq_fd, &one, sizeof one) < 0) {
        log_error("virtio", "mmio: an interrupt was lost");
    }
}

static void signal_queue(void *transport, uint16_t queue)
{
    (void)queue;
    raise_interrupt(transport, INT_USED);
}

static void signal_config(void *transport)
{
    raise_interrupt(transport, INT_CONFIG);
}

static const struct virtio_transport mmio_transport = {
    .signal_queue = signal_queue,
    .signal_config = signal_config,
    .signal_broken = signal_config,
    .features = UINT64_C(1) << VIRTIO_F_RING_RESET,
};

struct virtio_mmio *virtio_mmio_new(struct virtio_device *dev, void (*signal)(void *opaque),
                                    void *opaque)
{
    struct virtio_mmio *m = calloc(1, sizeof *m);

    if (!m) {
        abort();
    }
    m->dev = dev;
    m->signal = signal;
    m->opaque = opaque;
    m->irq_fd = virtio_regs_eventfd();
    virtio_regs_init(&m->regs, dev);
    virtio_attach(dev, &mmio_transport, m);
    return m;
}

void virtio_mmio_free(struct virtio_mmio *m)
{
    virtio_attach(m->dev, NULL, NULL);
    virtio_regs_free(&m->regs);
    close(m->irq_fd);
    free(m);
}

static uint32_t read_register(struct virtio_mmio *m, uint64_t offset)
{
    const struct virtio_regs_queue *q = virtio_regs_selected(&m->regs);

    switch (offset) {
    case R_MAGIC:
        return MAGIC;
    case R_VERSION:
        return VERSION;
    case R_DEVICE_ID:
        return virtio_class_of(m->dev)->device_id;
    case R_VENDOR_ID:
        return VENDOR;
    case R_DEVICE_FEATURES:
        return virtio_regs_offered(&m->regs);
    case R_QUEUE_NUM_MAX:
        return q ? virtio_queue_max(m->dev, q->index) : 0;
    case R_QUEUE_READY:
        return q && q->ready;
    case R_QUEUE_RESET:
        return q && q->resetting;
    case R_INTERRUPT_STATUS:
        return m->interrupts;
    case R_STATUS:
        return virtio_status(m->dev);
    case R_CONFIG_GENERATION:
        return virtio_config_generation(m->dev);
    default:
        /* No shared memory regions: their length reads as all ones (4.2.2). */
        return offset >= R_SHM_LEN_LOW && offset <= R_SHM_BASE_HIGH ? UINT32_MAX : 0;
    }
}

uint64_t virtio_mmio_read(struct virtio_mmio *m, uint64_t offset, unsigned size)
{
    uint64_t value = 0;

    if (size != 1 && size != 2 && size != 4 && size != 8) {
        return 0;
    }
    if (offset >= R_CONFIG) {
        if (offset < VIRTIO_MMIO_WINDOW) {
            virtio_config_read(m->dev, (uint32_t)(offset - R_CONFIG), &value, size);
        }
        return value;
    }
    return size == 4 && offset % 4 == 0 ? read_register(m, offset) : 0;
}

static void write_address(struct virtio_mmio *m, uint64_t offset, uint32_t value)
{
    enum virtio_regs_address which = offset < R_QUEUE_DRIVER_LOW ? VIRTIO_REGS_DESC
                                     : offset < R_QUEUE_DEVICE_LOW ? VIRTIO_REGS_DRIVER
                                                                   : VIRTIO_REGS_DEVICE;

    virtio_regs_set_address(&m->regs, which, offset & 4, value);
}

static void write_register(struct virtio_mmio *m, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case R_DEVICE_FEATURES_SEL:
        m->regs.device_features_sel = value;
        break;
    case R_DRIVER_FEATURES_SEL:
        m->regs.driver_features_sel = value;
        break;
    case R_DRIVER_FEATURES:
        virtio_regs_accept(&m->regs, value);
        break;
    case R_QUEUE_SEL:
        m->regs.queue_sel = value;
        break;
    case R_QUEUE_READY:
        if (value) {
            virtio_regs_set_ready(&m->regs);
        } else {
            virtio_regs_stop(&m->regs);
        }
        break;
    case R_QUEUE_RESET:
        if (value == 1) {
            virtio_regs_reset_queue(&m->regs);
        }
        break;
    case R_QUEUE_NOTIFY:
        virtio_regs_kick(&m->regs, value);
        break;
    case R_INTERRUPT_ACK:
        m->interrupts &= ~value;
        break;
    case R_STATUS:
        if (virtio_regs_set_status(&m->regs, value)) {
            m->interrupts = 0;
        }
        break;
    case R_QUEUE_NUM:
        virtio_regs_set_num(&m->regs, value);
        break;
    case R_QUEUE_DESC_LOW:
    case R_QUEUE_DESC_HIGH:
    case R_QUEUE_DRIVER_LOW:
    case R_QUEUE_DRIVER_HIGH:
    case R_QUEUE_DEVICE_LOW:
    case R_QUEUE_DEVICE_HIGH:
        write_address(m, offset, value);
        break;
    default:
        break;                  /* read-only or unknown: no effect */
    }
}

void virtio_mmio_write(struct virtio_mmio *m, uint64_t offset, unsigned size, uint64_t value)
{
    if (size != 1 && size != 2 && size != 4 && size != 8) {
        return;
    }
    if (offset >= R_CONFIG) {
        if (offset < VIRTIO_MMIO_WINDOW) {
            virtio_config_write(m->dev, (uint32_t)(offset - R_CONFIG), &value, size);
        }
    } else if (size == 4 && offset % 4 == 0) {
        write_register(m, offset, (uint32_t)value);
    }
}

int virtio_mmio_irq_level(const struct virtio_mmio *m)
{
    return m->interrupts != 0;
}

int virtio_mmio_kick_fd(const struct virtio_mmio *m, uint16_t q)
{
    return q < m->regs.n_queues ? m->regs.queues[q].kick_fd : -1;
}

int virtio_mmio_irq_fd(const struct virtio_mmio *m)
{
    return m->irq_fd;
}

uint64_t virtio_mmio_kick_exits(const struct virtio_mmio *m)
{
    return m->regs.kicks;
}
