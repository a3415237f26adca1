/*
 * virtio_blk.h - the driver's side of virtio-blk over PCI or MMIO, polled: one queue, split ring.
 *
 * Registers have the names and offsets of virtio-mmio; over PCI they are found in BAR 0.
 *
 * The ring is open to the caller, since hostile programs write nonsense into it.
 */
#ifndef VIRTIO_BLK_H
#define VIRTIO_BLK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    QUEUE_SIZE = 64,
    SECTOR = 512,

    WINDOW = 0x1000,                /* of a device over MMIO */
    PCI_COMMAND = 0x04,
    PCI_COMMAND_MEMORY = 2,
    PCI_BAR0 = 0x10,
    BAR_CONFIG = 0x2000,
    BAR_KICK = 0x3000,
    BAR_MSIX = 0x4000,
    BAR_SIZE = 0x8000,

    REG_MAGIC = 0x000,
    REG_VERSION = 0x004,
    REG_DEVICE_ID = 0x008,
    REG_DEVICE_FEATURES = 0x010,
    REG_DEVICE_FEATURES_SEL = 0x014,
    REG_DRIVER_FEATURES = 0x020,
    REG_DRIVER_FEATURES_SEL = 0x024,
    REG_QUEUE_SEL = 0x030,
    REG_QUEUE_NUM_MAX = 0x034,
    REG_QUEUE_NUM = 0x038,
    REG_QUEUE_READY = 0x044,
    REG_QUEUE_NOTIFY = 0x050,
    REG_INTERRUPT_STATUS = 0x060,
    REG_INTERRUPT_ACK = 0x064,
    REG_STATUS = 0x070,
    REG_QUEUE_DESC = 0x080,         /* low half; the high half 4 bytes on */
    REG_QUEUE_DRIVER = 0x090,
    REG_QUEUE_DEVICE = 0x0a0,
    REG_CONFIG_GENERATION = 0x0fc,
    REG_CONFIG = 0x100,             /* capacity in sectors, 64 bits */

    STATUS_ACKNOWLEDGE = 1,
    STATUS_DRIVER = 2,
    STATUS_DRIVER_OK = 4,
    STATUS_FEATURES_OK = 8,
    STATUS_NEEDS_RESET = 64,

    FEATURE_BLK_RO = 5,
    FEATURE_BLK_FLUSH = 9,
    FEATURE_INDIRECT = 28,
    FEATURE_VERSION_1 = 32,

    DESC_NEXT = 1,
    DESC_WRITE = 2,
    DESC_INDIRECT = 4,

    BLK_IN = 0,
    BLK_OUT = 1,
    BLK_FLUSH = 4,
    BLK_GET_ID = 8,

    BLK_OK = 0,
    BLK_IOERR = 1,
    BLK_UNSUPPORTED = 2,
    BLK_NO_STATUS = 0xee,           /* what the driver writes there before */
};

struct desc {
    uint64_t gpa;
    uint32_t size;
    uint16_t flags, next;
};

struct avail_ring {
    uint16_t flags, index, head[QUEUE_SIZE], used_event;
};

struct used_ring {
    uint16_t flags, index;
    struct {
        uint32_t head, size;
    } entry[QUEUE_SIZE];
    uint16_t avail_event;
};

struct blk_header {
    uint32_t type, reserved;
    uint64_t sector;
};

struct blk {
    uintptr_t base;                 /* of the register window, or of BAR 0 */
    bool pci;
    unsigned slot;                  /* on the bus */
    uint64_t offered, features, capacity;
    uint16_t seen;                  /* used entries looked at */
    struct desc *desc;              /* QUEUE_SIZE of each ring, in memory of this file */
    struct avail_ring *avail;
    struct used_ring *used;
};

uint32_t blk_get(const struct blk *blk, unsigned reg);
void blk_set(const struct blk *blk, unsigned reg, uint32_t value);

/*
 * Finds disk `number` of the machine, on the bus or else by its window. False, with a line printed:
 * there is none.
 */
bool blk_find(struct blk *blk, unsigned number);

/* Configuration space of a disk on the bus, 4 bytes, by mechanism 1. */
uint32_t blk_pci_get(const struct blk *blk, unsigned offset);
void blk_pci_set(const struct blk *blk, unsigned offset, uint32_t value);

/* Resets it and waits until it is. */
void blk_reset(struct blk *blk);

/* From reset up to FEATURES_OK; accepts what is offered of `wanted`. False: the device refuses. */
bool blk_negotiate(struct blk *blk, uint64_t wanted);

/* Sets queue 0 up with fresh rings and goes on to DRIVER_OK. */
void blk_start(struct blk *blk);

/* Reset, negotiation and start in one; ends the program when that fails. */
void blk_open(struct blk *blk);

/*
 * Writes `head` into the available ring (to be seen after blk_publish), publishes `count`, kicks.
 */
void blk_offer(struct blk *blk, uint16_t slot, uint16_t head);
void blk_publish(struct blk *blk, uint16_t count);

/*
 * Waits for the next used entry; returns its head, or -1 when the device says NEEDS_RESET instead.
 */
int blk_wait(struct blk *blk, uint32_t *size);

/* True when the device is broken, after at most a few seconds; false when it stays healthy. */
bool blk_broken(struct blk *blk);

/* Fills descriptors first, first + 1, first + 2 with one request of slot `first` / 3. */
void blk_request(struct blk *blk, uint16_t first, uint32_t type, uint64_t sector, void *data,
                 uint32_t size);

/* The status byte that the device wrote for the request in slot `first` / 3. */
uint8_t blk_status(const struct blk *blk, uint16_t first);

/* One request from beginning to end: its status byte, or -1 when the device broke. */
int blk_do(struct blk *blk, uint32_t type, uint64_t sector, void *data, uint32_t size);

#endif
