/*
 * virtio_blk.c - see mmio_blk.h. The order of the steps is virtio 1.2's, sections 3.1.1, 4.1.5 and 4.2.3.
 */
#include "virtio_blk.h"

#include "freestanding.h"

enum {
    MAGIC = 0x74726976,     /* "virt" */
    DEVICE_BLK = 2,
    PCI_BLK = 0x10421af4,   /* device and vendor */
    DISK_GPA = 0xc0000000,  /* of the first one's window */
    NO_INTERRUPT = 1,
    PATIENCE = 20000,       /* reads of a register: each one leaves the guest, so this is a while */
};

static struct desc desc_table[QUEUE_SIZE] __attribute__((aligned(4096)));
static struct avail_ring avail_ring __attribute__((aligned(4096)));
static struct used_ring used_ring __attribute__((aligned(4096)));
static struct blk_header headers[QUEUE_SIZE];
static uint8_t statuses[QUEUE_SIZE];

/* Where a register is in BAR 0, and how wide: virtio 1.2, section 4.1.4.3. */
static const struct place {
    uint16_t reg, offset;
    uint8_t size;
} places[] = {
    {REG_DEVICE_FEATURES_SEL, 0x00, 4}, {REG_DEVICE_FEATURES, 0x04, 4},
    {REG_DRIVER_FEATURES_SEL, 0x08, 4}, {REG_DRIVER_FEATURES, 0x0c, 4},
    {REG_STATUS, 0x14, 1},              {REG_CONFIG_GENERATION, 0x15, 1},
    {REG_QUEUE_SEL, 0x16, 2},           {REG_QUEUE_NUM_MAX, 0x18, 2},
    {REG_QUEUE_NUM, 0x18, 2},           {REG_QUEUE_READY, 0x1c, 2},
    {REG_QUEUE_DESC, 0x20, 4},          {REG_QUEUE_DESC + 4, 0x24, 4},
    {REG_QUEUE_DRIVER, 0x28, 4},        {REG_QUEUE_DRIVER + 4, 0x2c, 4},
    {REG_QUEUE_DEVICE, 0x30, 4},        {REG_QUEUE_DEVICE + 4, 0x34, 4},
    {REG_QUEUE_NOTIFY, BAR_KICK, 2},
};

static struct place find_place(const struct blk *blk, unsigned reg)
{
    if (!blk->pci)
        return (struct place){(uint16_t)reg, (uint16_t)reg, 4};
    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i].reg == reg)
            return places[i];
    }
    return (struct place){(uint16_t)reg, (uint16_t)(BAR_CONFIG + reg - REG_CONFIG), 4};
}

uint32_t blk_get(const struct blk *blk, unsigned reg)
{
    struct place place = find_place(blk, reg);
    uintptr_t at = blk->base + place.offset;

    return place.size == 1 ? *(const volatile uint8_t *)at
           : place.size == 2 ? *(const volatile uint16_t *)at : *(const volatile uint32_t *)at;
}

void blk_set(const struct blk *blk, unsigned reg, uint32_t value)
{
    struct place place = find_place(blk, reg);
    uintptr_t at = blk->base + place.offset;

    if (place.size == 1)
        *(volatile uint8_t *)at = (uint8_t)value;
    else if (place.size == 2)
        *(volatile uint16_t *)at = (uint16_t)value;
    else
        *(volatile uint32_t *)at = value;
}

static void aim(const struct blk *blk, unsigned offset)
{
    out32(PORT_PCI_ADDRESS, 1u << 31 | blk->slot << 11 | offset);
}

uint32_t blk_pci_get(const struct blk *blk, unsigned offset)
{
    aim(blk, offset);
    return in32(PORT_PCI_DATA);
}

void blk_pci_set(const struct blk *blk, unsigned offset, uint32_t value)
{
    aim(blk, offset);
    out32(PORT_PCI_DATA, value);
}

static void set_address(const struct blk *blk, unsigned reg, const void *address)
{
    uint64_t gpa = (uintptr_t)address;

    blk_set(blk, reg, (uint32_t)gpa);
    blk_set(blk, reg + 4, (uint32_t)(gpa >> 32));
}

/* The disk as function `slot` of the bus, with memory decoding on. */
static bool find_on_bus(struct blk *blk, unsigned slot)
{
    blk->slot = slot;
    if (blk_pci_get(blk, 0) != PCI_BLK)
        return false;
    blk->pci = true;
    blk->base = blk_pci_get(blk, PCI_BAR0) & ~(uintptr_t)15;
    blk_pci_set(blk, PCI_COMMAND, PCI_COMMAND_MEMORY);
    return true;
}

bool blk_find(struct blk *blk, unsigned number)
{
    memset(blk, 0, sizeof *blk);
    blk->desc = desc_table;
    blk->avail = &avail_ring;
    blk->used = &used_ring;
    if (find_on_bus(blk, number + 1))
        return true;
    blk->base = DISK_GPA + (uintptr_t)number * WINDOW;
    if (blk_get(blk, REG_MAGIC) == MAGIC && blk_get(blk, REG_VERSION) == 2
        && blk_get(blk, REG_DEVICE_ID) == DEVICE_BLK)
        return true;
    print("there is no virtio disk %u\n", number);
    return false;
}

void blk_reset(struct blk *blk)
{
    blk_set(blk, REG_STATUS, 0);
    while (blk_get(blk, REG_STATUS) != 0)
        ;
}

bool blk_negotiate(struct blk *blk, uint64_t wanted)
{
    blk_set(blk, REG_STATUS, STATUS_ACKNOWLEDGE);
    blk_set(blk, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    blk_set(blk, REG_DEVICE_FEATURES_SEL, 1);
    blk->offered = (uint64_t)blk_get(blk, REG_DEVICE_FEATURES) << 32;
    blk_set(blk, REG_DEVICE_FEATURES_SEL, 0);
    blk->offered |= blk_get(blk, REG_DEVICE_FEATURES);
    blk->features = blk->offered & wanted;
    blk_set(blk, REG_DRIVER_FEATURES_SEL, 0);
    blk_set(blk, REG_DRIVER_FEATURES, (uint32_t)blk->features);
    blk_set(blk, REG_DRIVER_FEATURES_SEL, 1);
    blk_set(blk, REG_DRIVER_FEATURES, (uint32_t)(blk->features >> 32));
    blk_set(blk, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
    return blk_get(blk, REG_STATUS) & STATUS_FEATURES_OK;
}

void blk_start(struct blk *blk)
{
    memset(blk->desc, 0, sizeof desc_table);
    memset(blk->avail, 0, sizeof avail_ring);
    memset(blk->used, 0, sizeof used_ring);
    blk->seen = 0;
    blk->avail->flags = NO_INTERRUPT;
    blk_set(blk, REG_QUEUE_SEL, 0);
    blk_set(blk, REG_QUEUE_NUM, QUEUE_SIZE);
    set_address(blk, REG_QUEUE_DESC, blk->desc);
    set_address(blk, REG_QUEUE_DRIVER, blk->avail);
    set_address(blk, REG_QUEUE_DEVICE, blk->used);
    blk_set(blk, REG_QUEUE_READY, 1);
    blk_set(blk, REG_STATUS,
            STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
    blk->capacity = blk_get(blk, REG_CONFIG) | (uint64_t)blk_get(blk, REG_CONFIG + 4) << 32;
}

void blk_open(struct blk *blk)
{
    blk_reset(blk);
    if (!blk_negotiate(blk, 1ull << FEATURE_VERSION_1 | 1ull << FEATURE_INDIRECT
                                | 1ull << FEATURE_BLK_FLUSH)) {
        print("the device refuses its own features 0x%lx\n", (unsigned long)blk->features);
        guest_exit(1);
    }
    blk_start(blk);
}

void blk_offer(struct blk *blk, uint16_t slot, uint16_t head)
{
    blk->avail->head[(uint16_t)(blk->avail->index + slot) % QUEUE_SIZE] = head;
}

void blk_publish(struct blk *blk, uint16_t count)
{
    __atomic_store_n(&blk->avail->index, (uint16_t)(blk->avail->index + count), __ATOMIC_RELEASE);
    blk_set(blk, REG_QUEUE_NOTIFY, 0);
}

int blk_wait(struct blk *blk, uint32_t *size)
{
    uint16_t entry = blk->seen % QUEUE_SIZE;

    while (__atomic_load_n(&blk->used->index, __ATOMIC_ACQUIRE) == blk->seen) {
        if (blk_get(blk, REG_STATUS) & STATUS_NEEDS_RESET)
            return -1;
    }
    blk->seen++;
    *size = blk->used->entry[entry].size;
    return (int)blk->used->entry[entry].head;
}

bool blk_broken(struct blk *blk)
{
    for (unsigned i = 0; i < PATIENCE; i++) {
        if (blk_get(blk, REG_STATUS) & STATUS_NEEDS_RESET)
            return true;
    }
    return false;
}

void blk_request(struct blk *blk, uint16_t first, uint32_t type, uint64_t sector, void *data,
                 uint32_t size)
{
    unsigned slot = first / 3;
    uint16_t data_flags = type == BLK_OUT ? DESC_NEXT : DESC_NEXT | DESC_WRITE;
    uint16_t after_header = size > 0 ? (uint16_t)(first + 1) : (uint16_t)(first + 2);

    headers[slot] = (struct blk_header){type, 0, sector};
    statuses[slot] = BLK_NO_STATUS;
    blk->desc[first] =
        (struct desc){(uintptr_t)&headers[slot], sizeof headers[slot], DESC_NEXT, after_header};
    blk->desc[first + 1] = (struct desc){(uintptr_t)data, size, data_flags, (uint16_t)(first + 2)};
    blk->desc[first + 2] = (struct desc){(uintptr_t)&statuses[slot], 1, DESC_WRITE, 0};
}

uint8_t blk_status(const struct blk *blk, uint16_t first)
{
    (void)blk;
    return __atomic_load_n(&statuses[first / 3], __ATOMIC_RELAXED);
}

int blk_do(struct blk *blk, uint32_t type, uint64_t sector, void *data, uint32_t size)
{
    uint32_t used_size;

    blk_request(blk, 0, type, sector, data, size);
    blk_offer(blk, 0, 0);
    blk_publish(blk, 1);
    return blk_wait(blk, &used_size) < 0 ? -1 : blk_status(blk, 0);
}
