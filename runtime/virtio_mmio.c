/*
 * The virtio-mmio register file: selectors, halves of addresses, and what each write sets off.
 *
 * Queue registers are kept here until a queue starts: at DRIVER_OK for those that are ready, at
 * QueueReady = 1 after it. A ready queue cannot be re-programmed (CVE-2026-5747): the device is
 * broken then. Registers are 4 bytes wide and aligned; other accesses have no effect.
 */
#include "virtio_mmio.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"

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
    R_SHM_LEN_LOW = 0xb0, R_SHM_BASE_HIGH = 0xbc,
    R_CONFIG_GENERATION = 0xfc, R_CONFIG = 0x100,
};

#define INT_USED    1u
#define INT_CONFIG  2u

struct mmio_queue {
    struct virtio_mmio *m;
    uint16_t index;
    int kick_fd;
    uint32_t num;
    uint64_t desc, driver, device;
    bool ready;
};

struct virtio_mmio {
    struct virtio_device *dev;
    void (*signal)(void *opaque);
    void *opaque;
    int irq_fd;
    uint32_t device_features_sel, driver_features_sel, queue_sel;
    uint64_t driver_features;
    uint32_t interrupts;
    uint16_t n_queues;
    struct mmio_queue queues[];
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
};

static void on_kick(void *opaque)
{
    struct mmio_queue *q = opaque;
    uint64_t count;

    if (read(q->kick_fd, &count, sizeof count) == sizeof count) {
        virtio_queue_kick(q->m->dev, q->index);
    }
}

static int new_eventfd(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0) {
        log_error("virtio", "mmio: cannot create an eventfd");
        abort();
    }
    return fd;
}

struct virtio_mmio *virtio_mmio_new(struct virtio_device *dev, void (*signal)(void *opaque),
                                    void *opaque)
{
    uint16_t n = virtio_n_queues(dev);
    struct virtio_mmio *m = calloc(1, sizeof *m + n * sizeof m->queues[0]);

    if (!m) {
        abort();
    }
    m->dev = dev;
    m->signal = signal;
    m->opaque = opaque;
    m->irq_fd = new_eventfd();
    m->n_queues = n;
    for (uint16_t i = 0; i < n; i++) {
        m->queues[i].m = m;
        m->queues[i].index = i;
        m->queues[i].kick_fd = new_eventfd();
        aio_set_fd_handler(virtio_context(dev), m->queues[i].kick_fd, on_kick, &m->queues[i]);
    }
    virtio_attach(dev, &mmio_transport, m);
    return m;
}

void virtio_mmio_free(struct virtio_mmio *m)
{
    virtio_attach(m->dev, NULL, NULL);
    for (uint16_t i = 0; i < m->n_queues; i++) {
        aio_set_fd_handler(virtio_context(m->dev), m->queues[i].kick_fd, NULL, NULL);
        close(m->queues[i].kick_fd);
    }
    close(m->irq_fd);
    free(m);
}

/* The selected queue, or NULL: QueueSel is the driver's and may be anything. */
static struct mmio_queue *selected(struct virtio_mmio *m)
{
    return m->queue_sel < m->n_queues ? &m->queues[m->queue_sel] : NULL;
}

static uint32_t read_register(struct virtio_mmio *m, uint64_t offset)
{
    struct mmio_queue *q = selected(m);

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
        return m->device_features_sel > 1
                   ? 0 : (uint32_t)(virtio_offered(m->dev) >> (32 * m->device_features_sel));
    case R_QUEUE_NUM_MAX:
        return q ? virtio_queue_max(m->dev, q->index) : 0;
    case R_QUEUE_READY:
        return q && q->ready;
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

static void start_queue(struct virtio_mmio *m, struct mmio_queue *q)
{
    struct vq_config config = { (uint16_t)q->num, q->desc, q->driver, q->device };

    if (q->num == 0 || q->num > UINT16_MAX) {
        virtio_broken(m->dev, "queue %u: size %u", q->index, q->num);
    } else if (virtio_queue_start(m->dev, q->index, &config, 0, NULL) == 0) {
        virtio_queue_kick(m->dev, q->index);
    }
}

static void write_ready(struct virtio_mmio *m, struct mmio_queue *q, uint32_t value)
{
    if (!value) {
        virtio_queue_stop(m->dev, q->index);
        q->ready = false;
    } else if (!q->ready) {
        q->ready = true;
        if (virtio_status(m->dev) & VIRTIO_S_DRIVER_OK) {
            start_queue(m, q);
        }
    }
}

static void forget_driver(struct virtio_mmio *m)
{
    m->device_features_sel = m->driver_features_sel = m->queue_sel = 0;
    m->driver_features = 0;
    m->interrupts = 0;
    for (uint16_t i = 0; i < m->n_queues; i++) {
        struct mmio_queue *q = &m->queues[i];

        q->num = 0;
        q->desc = q->driver = q->device = 0;
        q->ready = false;
    }
}

static void write_status(struct virtio_mmio *m, uint32_t value)
{
    uint8_t old = virtio_status(m->dev);

    if (value > 0xff) {
        virtio_broken(m->dev, "status 0x%x", value);
        return;
    }
    if ((value & ~old & VIRTIO_S_FEATURES_OK) &&
        virtio_set_features(m->dev, m->driver_features)) {
        value &= ~(uint32_t)VIRTIO_S_FEATURES_OK;   /* the driver reads back that it was refused */
        if (value == 0) {
            return;                                 /* which is no reset */
        }
    }
    virtio_set_status(m->dev, (uint8_t)value);
    if (virtio_status(m->dev) == 0) {
        forget_driver(m);
    } else if (virtio_status(m->dev) & ~old & VIRTIO_S_DRIVER_OK) {
        for (uint16_t i = 0; i < m->n_queues; i++) {
            if (m->queues[i].ready) {
                start_queue(m, &m->queues[i]);
            }
        }
    }
}

static void write_features(struct virtio_mmio *m, uint32_t value)
{
    unsigned shift = 32 * m->driver_features_sel;

    if (virtio_status(m->dev) & VIRTIO_S_FEATURES_OK) {
        virtio_broken(m->dev, "features written after FEATURES_OK");
    } else if (m->driver_features_sel <= 1) {
        m->driver_features &= ~(UINT64_C(0xffffffff) << shift);
        m->driver_features |= (uint64_t)value << shift;
    } else if (value) {
        virtio_broken(m->dev, "features selected by %u", m->driver_features_sel);
    }
}

static void set_half(uint64_t *address, bool high, uint32_t value)
{
    uint64_t mask = high ? 0xffffffff : UINT64_C(0xffffffff) << 32;

    *address = (*address & mask) | (high ? (uint64_t)value << 32 : value);
}

/* QueueNum and the six halves of ring addresses. */
static void program_queue(struct virtio_mmio *m, uint64_t offset, uint32_t value)
{
    struct mmio_queue *q = selected(m);
    bool high = offset & 4;

    if (!q) {
        return;
    }
    if (q->ready) {
        virtio_broken(m->dev, "queue %u re-programmed while it is ready", q->index);
        return;
    }
    switch (offset) {
    case R_QUEUE_NUM:
        q->num = value;
        break;
    case R_QUEUE_DESC_LOW:
    case R_QUEUE_DESC_HIGH:
        set_half(&q->desc, high, value);
        break;
    case R_QUEUE_DRIVER_LOW:
    case R_QUEUE_DRIVER_HIGH:
        set_half(&q->driver, high, value);
        break;
    default:
        set_half(&q->device, high, value);
        break;
    }
}

static void write_register(struct virtio_mmio *m, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case R_DEVICE_FEATURES_SEL:
        m->device_features_sel = value;
        break;
    case R_DRIVER_FEATURES_SEL:
        m->driver_features_sel = value;
        break;
    case R_DRIVER_FEATURES:
        write_features(m, value);
        break;
    case R_QUEUE_SEL:
        m->queue_sel = value;
        break;
    case R_QUEUE_READY:
        if (selected(m)) {
            write_ready(m, selected(m), value);
        }
        break;
    case R_QUEUE_NOTIFY:
        virtio_queue_kick(m->dev, value > UINT16_MAX ? UINT16_MAX : (uint16_t)value);
        break;
    case R_INTERRUPT_ACK:
        m->interrupts &= ~value;
        break;
    case R_STATUS:
        write_status(m, value);
        break;
    case R_QUEUE_NUM:
    case R_QUEUE_DESC_LOW:
    case R_QUEUE_DESC_HIGH:
    case R_QUEUE_DRIVER_LOW:
    case R_QUEUE_DRIVER_HIGH:
    case R_QUEUE_DEVICE_LOW:
    case R_QUEUE_DEVICE_HIGH:
        program_queue(m, offset, value);
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
    return q < m->n_queues ? m->queues[q].kick_fd : -1;
}

int virtio_mmio_irq_fd(const struct virtio_mmio *m)
{
    return m->irq_fd;
}
