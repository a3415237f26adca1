/*
 * hostile.c - a freestanding guest that breaks the rules of its disk, one at a time.
 *
 * After each fault the device says NEEDS_RESET, and after the reset it works again: the block that
 * was written first is read and is what it was. Faults that are only the request's own come back
 * with an error or without a status. The second disk, in slot 1, must not notice any of it.
 */
#include "freestanding.h"
#include "virtio_blk.h"

enum {
    INVALID_QUEUE = 77,
};

static uint8_t data[SECTOR] __attribute__((aligned(4096)));
static struct desc table[4] __attribute__((aligned(4096)));

static void fail(const char *what, const char *how)
{
    print("FAIL %s: %s\n", what, how);
    guest_exit(1);
}

/* Header, data and status as they should be, from descriptor 0 on. */
static void good_chain(struct blk *blk)
{
    memset(data, 0, sizeof data);
    blk_request(blk, 0, BLK_IN, 0, data, SECTOR);
}

static void available_index_jumps(struct blk *blk)
{
    good_chain(blk);
    blk_offer(blk, 0, 0);
    blk_publish(blk, QUEUE_SIZE + 1);
}

static void available_index_goes_back(struct blk *blk)
{
    good_chain(blk);
    blk_publish(blk, 0xffff);
}

static void head_out_of_range(struct blk *blk)
{
    blk_offer(blk, 0, QUEUE_SIZE);
    blk_publish(blk, 1);
}

static void chain_loops(struct blk *blk)
{
    good_chain(blk);
    blk->desc[1].next = 1;
    blk_offer(blk, 0, 0);
    blk_publish(blk, 1);
}

static void next_out_of_range(struct blk *blk)
{
    good_chain(blk);
    blk->desc[1].next = 0xffff;
    blk_offer(blk, 0, 0);
    blk_publish(blk, 1);
}

static void offer_buffer(struct blk *blk, uint64_t gpa, uint32_t size)
{
    good_chain(blk);
    blk->desc[1].gpa = gpa;
    blk->desc[1].size = size;
    blk_offer(blk, 0, 0);
    blk_publish(blk, 1);
}

static void buffer_outside_memory(struct blk *blk)
{
    offer_buffer(blk, 0x1234567890000, SECTOR);
}

static void buffer_is_the_device(struct blk *blk)
{
    offer_buffer(blk, blk->base, SECTOR);
}

static void buffer_wraps(struct blk *blk)
{
    offer_buffer(blk, ~0ull - 255, SECTOR);
}

static void buffer_is_huge(struct blk *blk)
{
    offer_buffer(blk, (uintptr_t)data, ~0u);
}

static void buffer_is_empty(struct blk *blk)
{
    offer_buffer(blk, (uintptr_t)data, 0);
}

static void writable_before_readable(struct blk *blk)
{
    good_chain(blk);
    blk->desc[0].flags |= DESC_WRITE;
    blk->desc[1].flags = DESC_NEXT;
    blk_offer(blk, 0, 0);
    blk_publish(blk, 1);
}

static void same_head_twice(struct blk *blk)
{
    good_chain(blk);
    blk->desc[0].next = 0;          /* also a loop: the device may find either first */
    blk_offer(blk, 0, 0);
    blk_offer(blk, 1, 0);
    blk_publish(blk, 2);
}

static void offer_indirect(struct blk *blk, uint64_t gpa, uint32_t size, uint16_t flags)
{
    good_chain(blk);
    for (unsigned i = 0; i < 3; i++)
        table[i] = blk->desc[i];
    blk->desc[5] = (struct desc){gpa, size, flags, 0};
    blk_offer(blk, 0, 5);
    blk_publish(blk, 1);
}

static void indirect_size_is_odd(struct blk *blk)
{
    offer_indirect(blk, (uintptr_t)table, 3 * sizeof table[0] - 1, DESC_INDIRECT);
}

static void indirect_is_empty(struct blk *blk)
{
    offer_indirect(blk, (uintptr_t)table, 0, DESC_INDIRECT);
}

static void indirect_outside_memory(struct blk *blk)
{
    offer_indirect(blk, 0xd0000000, 3 * sizeof table[0], DESC_INDIRECT);
}

static void indirect_in_indirect(struct blk *blk)
{
    good_chain(blk);
    table[0] = (struct desc){(uintptr_t)table, sizeof table[0], DESC_INDIRECT, 0};
    blk->desc[5] = (struct desc){(uintptr_t)table, sizeof table[0], DESC_INDIRECT, 0};
    blk_offer(blk, 0, 5);
    blk_publish(blk, 1);
}

static void indirect_with_next(struct blk *blk)
{
    offer_indirect(blk, (uintptr_t)table, 3 * sizeof table[0], DESC_INDIRECT | DESC_NEXT);
}

static void ring_moved_while_live(struct blk *blk)
{
    blk_set(blk, REG_QUEUE_SEL, 0);
    blk_set(blk, REG_QUEUE_DESC, 0x1000);
}

static void size_changed_while_live(struct blk *blk)
{
    blk_set(blk, REG_QUEUE_SEL, 0);
    blk_set(blk, REG_QUEUE_NUM, 32768);
}

static void features_changed_while_live(struct blk *blk)
{
    blk_set(blk, REG_DRIVER_FEATURES_SEL, 0);
    blk_set(blk, REG_DRIVER_FEATURES, ~0u);
}

static void status_bits_taken_back(struct blk *blk)
{
    blk_set(blk, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER_OK);
}

/* Starts a queue with one wrong setting. */
static void start_with(struct blk *blk, unsigned reg, uint32_t value)
{
    blk_reset(blk);
    blk_negotiate(blk, 1ull << FEATURE_VERSION_1);
    blk_set(blk, REG_QUEUE_SEL, 0);
    blk_set(blk, REG_QUEUE_NUM, QUEUE_SIZE);
    blk_set(blk, REG_QUEUE_DESC, (uint32_t)(uintptr_t)blk->desc);
    blk_set(blk, REG_QUEUE_DRIVER, (uint32_t)(uintptr_t)blk->avail);
    blk_set(blk, REG_QUEUE_DEVICE, (uint32_t)(uintptr_t)blk->used);
    blk_set(blk, reg, value);
    blk_set(blk, REG_QUEUE_READY, 1);
    blk_set(blk, REG_STATUS,
            STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
}

static void ring_outside_memory(struct blk *blk)
{
    start_with(blk, REG_QUEUE_DEVICE + 4, 0x100);
}

static void ring_misaligned(struct blk *blk)
{
    start_with(blk, REG_QUEUE_DESC, (uint32_t)(uintptr_t)blk->desc + 8);
}

static void rings_overlap(struct blk *blk)
{
    start_with(blk, REG_QUEUE_DEVICE, (uint32_t)(uintptr_t)blk->desc);
}

static void ring_size_is_no_power_of_two(struct blk *blk)
{
    start_with(blk, REG_QUEUE_NUM, 63);
}

static void ring_size_is_zero(struct blk *blk)
{
    start_with(blk, REG_QUEUE_NUM, 0);
}

static void driver_ok_without_features(struct blk *blk)
{
    blk_reset(blk);
    blk_set(blk, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_DRIVER_OK);
}

static const struct {
    const char *name;
    void (*commit)(struct blk *blk);
} breaking[] = {
    {"available index jumps", available_index_jumps},
    {"available index goes back", available_index_goes_back},
    {"head out of range", head_out_of_range},
    {"chain loops", chain_loops},
    {"next out of range", next_out_of_range},
    {"buffer outside memory", buffer_outside_memory},
    {"buffer is the device's own window", buffer_is_the_device},
    {"buffer wraps", buffer_wraps},
    {"buffer is huge", buffer_is_huge},
    {"buffer is empty", buffer_is_empty},
    {"writable before readable", writable_before_readable},
    {"same head twice", same_head_twice},
    {"indirect table of an odd size", indirect_size_is_odd},
    {"indirect table is empty", indirect_is_empty},
    {"indirect table outside memory", indirect_outside_memory},
    {"indirect in indirect", indirect_in_indirect},
    {"indirect with next", indirect_with_next},
    {"ring moved while live", ring_moved_while_live},
    {"ring size changed while live", size_changed_while_live},
    {"features changed while live", features_changed_while_live},
    {"status bits taken back", status_bits_taken_back},
    {"ring outside memory", ring_outside_memory},
    {"ring misaligned", ring_misaligned},
    {"rings overlap", rings_overlap},
    {"ring size is no power of two", ring_size_is_no_power_of_two},
    {"ring size is zero", ring_size_is_zero},
    {"DRIVER_OK without FEATURES_OK", driver_ok_without_features},
};

static uint8_t mark(unsigned i)
{
    return (uint8_t)(i * 7 + 3);
}

static void write_mark(struct blk *blk, const char *what)
{
    for (unsigned i = 0; i < SECTOR; i++)
        data[i] = mark(i);
    if (blk_do(blk, BLK_OUT, 0, data, SECTOR) != BLK_OK)
        fail(what, "the first write");
}

static void check_works(struct blk *blk, const char *what)
{
    memset(data, 0, sizeof data);
    if (blk_do(blk, BLK_IN, 0, data, SECTOR) != BLK_OK)
        fail(what, "a read does not work any more");
    for (unsigned i = 0; i < SECTOR; i++) {
        if (data[i] != mark(i))
            fail(what, "a read gives something else");
    }
}

static void check_breaking(struct blk *blk)
{
    for (unsigned i = 0; i < sizeof breaking / sizeof breaking[0]; i++) {
        breaking[i].commit(blk);
        if (!blk_broken(blk))
            fail(breaking[i].name, "the device does not say NEEDS_RESET");
        blk_open(blk);
        check_works(blk, breaking[i].name);
        print("ok %s\n", breaking[i].name);
    }
}

/* Accesses of a width or at a place that means nothing. */
static void access_nothing(struct blk *blk)
{
    volatile uint8_t *bytes = (volatile uint8_t *)blk->base;
    uintptr_t end = blk->base + (blk->pci ? BAR_SIZE : WINDOW) - 4;
    uintptr_t status = blk->base + (blk->pci ? 0x14 : REG_STATUS);

    if (blk->pci)
        *(volatile uint16_t *)status = 0;       /* the status is one byte there, here it is four */
    else
        *(volatile uint8_t *)status = 0;
    bytes[blk->pci ? BAR_CONFIG : REG_CONFIG] = 0xff;   /* the capacity is not writable */
    *(volatile uint16_t *)(blk->base + (blk->pci ? BAR_KICK : REG_QUEUE_NOTIFY) + 2) = 0xffff;
    *(volatile uint32_t *)end = ~0u;
    if (*(volatile uint32_t *)end != 0)
        fail("end of the window", "is not zero");
}

static void check_ignored(struct blk *blk)
{
    blk_set(blk, REG_QUEUE_NOTIFY, INVALID_QUEUE);
    blk_set(blk, REG_QUEUE_NOTIFY, ~0u);
    blk_set(blk, REG_QUEUE_SEL, INVALID_QUEUE);
    blk_set(blk, REG_QUEUE_NUM, 3);
    blk_set(blk, REG_QUEUE_READY, 1);
    if (blk_get(blk, REG_QUEUE_NUM_MAX) != 0)
        fail("invalid queue", "has a size");
    access_nothing(blk);
    check_works(blk, "accesses that mean nothing");
    print("ok accesses that mean nothing\n");
    blk_reset(blk);
    blk_set(blk, REG_QUEUE_NOTIFY, 0);
    blk_open(blk);
    check_works(blk, "kick before DRIVER_OK");
    print("ok kick before DRIVER_OK\n");
}

/* BAR 0 at places where it may not be, while the disk is live; then home again. */
static void move_bar(struct blk *blk)
{
    static const uint64_t places[] = {0, 0x100000, 0x80000000, 0xe0000000, 0xfec00000, 0xfee00000,
                                      1ull << 32, ~0ull};

    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        blk_pci_set(blk, PCI_BAR0 + 4, (uint32_t)(places[i] >> 32));
        blk_pci_set(blk, PCI_BAR0, (uint32_t)places[i]);
        if (*(volatile uint32_t *)blk->base != ~0u)
            fail("a BAR elsewhere", "the disk still answers at home");
    }
    blk_pci_set(blk, PCI_BAR0 + 4, 0);
    blk_pci_set(blk, PCI_BAR0, (uint32_t)blk->base);
}

/* Nonsense in configuration space and in the MSI-X table. */
static void check_bus(struct blk *blk)
{
    static const uint32_t values[] = {~0u, 0, 0x80000000, 0x12345678};
    uint32_t table[] = {0xdeadbee0, 0xffffffff, 0xffffffff, 0};

    move_bar(blk);
    check_works(blk, "a BAR that was moved about");
    print("ok a BAR that was moved about\n");
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
        for (unsigned offset = PCI_COMMAND; offset < 256; offset += 4)
            blk_pci_set(blk, offset, values[i]);
        out32(PORT_PCI_ADDRESS, values[i]);
        in32(PORT_PCI_DATA);
    }
    blk_pci_set(blk, PCI_BAR0 + 4, 0);
    blk_pci_set(blk, PCI_BAR0, (uint32_t)blk->base);
    blk_pci_set(blk, PCI_COMMAND, PCI_COMMAND_MEMORY);
    for (unsigned i = 0; i < 64; i++)           /* far more than there are vectors */
        *(volatile uint32_t *)(blk->base + BAR_MSIX + 4 * i) = table[i % 4];
    blk_open(blk);
    write_mark(blk, "nonsense in configuration space");
    check_works(blk, "nonsense in configuration space");
    print("ok nonsense in configuration space\n");
}

/* Chains that are sound, but no request: they come back, and nothing breaks. */
static void check_returned(struct blk *blk)
{
    uint32_t size;

    good_chain(blk);
    blk->desc[0].flags = 0;         /* a header alone: no room for a status */
    blk_offer(blk, 0, 0);
    blk_publish(blk, 1);
    if (blk_wait(blk, &size) != 0 || size != 0)
        fail("chain without a status", "it does not come back empty");
    good_chain(blk);
    blk->desc[0].size = 7;          /* a header cut short */
    blk_offer(blk, 0, 0);
    blk_publish(blk, 1);
    if (blk_wait(blk, &size) != 0 || blk_status(blk, 0) != BLK_IOERR)
        fail("short header", "it is no error");
    check_works(blk, "chains that are no request");
    print("ok chains that are no request\n");
}

int guest_main(const char *arguments)
{
    struct blk blk, other;

    (void)arguments;
    if (!blk_find(&other, 1) || !blk_find(&blk, 0))
        return 1;
    blk_open(&blk);
    write_mark(&blk, "the beginning");
    check_breaking(&blk);
    check_ignored(&blk);
    check_returned(&blk);
    if (blk.pci)
        check_bus(&blk);
    if (blk_get(&other, REG_STATUS) != 0)
        fail("the other disk", "it has a status that nobody gave it");
    blk_reset(&blk);
    blk_open(&other);
    if (blk_do(&other, BLK_IN, 0, data, SECTOR) != BLK_OK)
        fail("the other disk", "it does not work");
    print("ok the other disk\ndone\n");
    return 0;
}
