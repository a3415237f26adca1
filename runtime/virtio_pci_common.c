/*
 * The common configuration of virtio-pci (virtio 1.2, section 4.1.4.3): which offset means what;
 * virtio_regs.c has the meaning.
 *
 * Fields have one width each; addresses are read and written by halves.
 */
#include "virtio_pci_impl.h"

enum {
    C_DEVICE_FEATURES_SEL = 0x00, C_DEVICE_FEATURES = 0x04,
    C_DRIVER_FEATURES_SEL = 0x08, C_DRIVER_FEATURES = 0x0c,
    C_CONFIG_VECTOR = 0x10, C_N_QUEUES = 0x12, C_STATUS = 0x14, C_GENERATION = 0x15,
    C_QUEUE_SEL = 0x16, C_QUEUE_SIZE = 0x18, C_QUEUE_VECTOR = 0x1a, C_QUEUE_ENABLE = 0x1c,
    C_QUEUE_KICK_OFFSET = 0x1e, C_QUEUE_DESC = 0x20, C_QUEUE_DRIVER = 0x28, C_QUEUE_DEVICE = 0x30,
    C_QUEUE_DATA = 0x38, C_QUEUE_RESET = 0x3a,
};

/* The driver asks for a vector; it reads back "none" when there is no such one. */
static uint16_t checked_vector(const struct virtio_pci *p, uint64_t value)
{
    return value < p->msix.n ? (uint16_t)value : VIRTIO_PCI_NO_VECTOR;
}

/* The width of the field at offset; 0: none begins there. Addresses: of a half. */
static unsigned field_size(uint64_t offset)
{
    if (offset < C_CONFIG_VECTOR || (offset >= C_QUEUE_DESC && offset < C_QUEUE_DATA))
        return offset % 4 == 0 ? 4 : 0;
    if (offset == C_STATUS || offset == C_GENERATION)
        return 1;
    return offset % 2 == 0 && offset < VIRTIO_PCI_COMMON_SIZE ? 2 : 0;
}

static uint32_t half(uint64_t value, uint64_t offset)
{
    return (uint32_t)(value >> (offset & 4 ? 32 : 0));
}

/* Fields of the selected queue. */
static uint32_t read_queue(struct virtio_pci *p, const struct virtio_regs_queue *q, uint64_t offset)
{
    switch (offset) {
    case C_QUEUE_SIZE:
        return q->num;
    case C_QUEUE_VECTOR:
        return p->vector[q->index];
    case C_QUEUE_ENABLE:
        return q->ready;
    case C_QUEUE_KICK_OFFSET:
        return q->index;
    case C_QUEUE_RESET:
        return q->resetting;
    case C_QUEUE_DATA:
        return 0;
    default:
        return half(offset < C_QUEUE_DRIVER ? q->desc
                    : offset < C_QUEUE_DEVICE ? q->driver : q->device, offset);
    }
}

static uint32_t read_common(struct virtio_pci *p, uint64_t offset)
{
    const struct virtio_regs_queue *q = virtio_regs_selected(&p->regs);

    switch (offset) {
    case C_DEVICE_FEATURES_SEL:
        return p->regs.device_features_sel;
    case C_DEVICE_FEATURES:
        return virtio_regs_offered(&p->regs);
    case C_DRIVER_FEATURES_SEL:
        return p->regs.driver_features_sel;
    case C_DRIVER_FEATURES:
        return virtio_regs_accepted(&p->regs);
    case C_CONFIG_VECTOR:
        return p->config_vector;
    case C_N_QUEUES:
        return p->regs.n_queues;
    case C_STATUS:
        return virtio_status(p->dev);
    case C_GENERATION:
        return (uint8_t)virtio_config_generation(p->dev);
    case C_QUEUE_SEL:
        return p->regs.queue_sel;
    default:
        if (q == NULL)
            return offset == C_QUEUE_VECTOR ? VIRTIO_PCI_NO_VECTOR : 0;
        return read_queue(p, q, offset);
    }
}

static void write_status(struct virtio_pci *p, uint32_t value)
{
    if (virtio_regs_set_status(&p->regs, value)) {
        virtio_pci_take_isr(p);
        virtio_pci_forget_vectors(p);
    }
}

static void write_queue_vector(struct virtio_pci *p, uint32_t value)
{
    const struct virtio_regs_queue *q = virtio_regs_selected(&p->regs);

    if (q != NULL)
        p->vector[q->index] = checked_vector(p, value);
}

static void write_queue(struct virtio_pci *p, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case C_QUEUE_SIZE:
        virtio_regs_set_num(&p->regs, value);
        break;
    case C_QUEUE_VECTOR:
        write_queue_vector(p, value);
        break;
    case C_QUEUE_ENABLE:
        if (value == 1)
            virtio_regs_set_ready(&p->regs);
        break;
    case C_QUEUE_RESET:
        if (value == 1)
            virtio_regs_reset_queue(&p->regs);
        break;
    case C_QUEUE_KICK_OFFSET:
    case C_QUEUE_DATA:
        break;                  /* read-only */
    default:
        virtio_regs_set_address(&p->regs,
                                offset < C_QUEUE_DRIVER ? VIRTIO_REGS_DESC
                                : offset < C_QUEUE_DEVICE ? VIRTIO_REGS_DRIVER : VIRTIO_REGS_DEVICE,
                                offset & 4, value);
        break;
    }
}

static void write_common(struct virtio_pci *p, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case C_DEVICE_FEATURES_SEL:
        p->regs.device_features_sel = value;
        break;
    case C_DRIVER_FEATURES_SEL:
        p->regs.driver_features_sel = value;
        break;
    case C_DRIVER_FEATURES:
        virtio_regs_accept(&p->regs, value);
        break;
    case C_CONFIG_VECTOR:
        p->config_vector = checked_vector(p, value);
        break;
    case C_STATUS:
        write_status(p, value);
        break;
    case C_QUEUE_SEL:
        p->regs.queue_sel = value;
        break;
    case C_DEVICE_FEATURES:
    case C_N_QUEUES:
    case C_GENERATION:
        break;                  /* read-only */
    default:
        write_queue(p, offset, value);
        break;
    }
}

uint32_t virtio_pci_common_read(struct virtio_pci *p, uint64_t offset, unsigned size)
{
    return size > 0 && size == field_size(offset) ? read_common(p, offset) : 0;
}

void virtio_pci_common_write(struct virtio_pci *p, uint64_t offset, unsigned size, uint32_t value)
{
    if (size > 0 && size == field_size(offset))
        write_common(p, offset, value);
}
