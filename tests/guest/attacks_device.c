/*
 * attacks_device.c - families 7 to 9, 12 and 16: kicks, status, rings and registers, whatever the device.
 */
#include "attacks.h"
#include "freestanding.h"

enum {
    STATUS_ALL = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK,
    FAR_QUEUE = 77,
};

static void offer_good(struct any *d)
{
    struct desc chain[ANY_CHAIN];
    unsigned n = good_chain(d, chain);

    any_offer(d, good_queue(d), chain, n, 0, 1);
}

/* ---- 7: kicks ---- */

static void kick_before_driver_ok(struct any *d)
{
    any_reset(d);
    any_kick(d, good_queue(d));
    blk_negotiate(&d->regs, d->regs.features);
    any_program(d, good_queue(d));
    offer_good(d);
    any_enable(d, good_queue(d));
    any_kick(d, good_queue(d));
}

static void kick_after_reset(struct any *d)
{
    offer_good(d);
    any_reset(d);
    any_kick(d, good_queue(d));
}

static void kick_disabled_queue(struct any *d)
{
    any_reset(d);
    blk_negotiate(&d->regs, d->regs.features);
    blk_set(&d->regs, REG_STATUS, STATUS_ALL);
    for (unsigned q = 0; q < d->n_queues; q++)
        any_kick(d, q);
}

static void kick_queues_that_are_not(struct any *d)
{
    for (unsigned q = d->n_queues; q < 200; q += 7)
        any_kick(d, q);
    blk_set(&d->regs, REG_QUEUE_NOTIFY, 0xffff);
    blk_set(&d->regs, REG_QUEUE_NOTIFY, ~0u);
}

static void kick_for_nothing(struct any *d)
{
    for (unsigned i = 0; i < 30; i++)
        any_kick(d, i % d->n_queues);
}

/* ---- 8: status and features ---- */

static void skip_features_ok(struct any *d)
{
    any_reset(d);
    blk_set(&d->regs, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_DRIVER_OK);
}

static void driver_ok_at_once(struct any *d)
{
    any_reset(d);
    blk_set(&d->regs, REG_STATUS, STATUS_ALL);
}

static void take_bits_back(struct any *d)
{
    blk_set(&d->regs, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER_OK);
}

static void features_after_ok(struct any *d)
{
    blk_set(&d->regs, REG_DRIVER_FEATURES_SEL, 0);
    blk_set(&d->regs, REG_DRIVER_FEATURES, ~0u);
}

static void features_not_offered(struct any *d)
{
    any_reset(d);
    blk_set(&d->regs, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    for (unsigned half = 0; half < 3; half++) {
        blk_set(&d->regs, REG_DRIVER_FEATURES_SEL, half);
        blk_set(&d->regs, REG_DRIVER_FEATURES, ~0u);
    }
    blk_set(&d->regs, REG_STATUS, STATUS_ALL);
}

static void all_status_bits(struct any *d)
{
    blk_set(&d->regs, REG_STATUS, 0xff);
    blk_set(&d->regs, REG_STATUS, ~0u);
}

/* ---- 9: rings ---- */

/* A ring with one wrong setting, ready by DRIVER_OK. */
static void start_with(struct any *d, unsigned reg, uint32_t value)
{
    any_reset(d);
    blk_negotiate(&d->regs, d->regs.features);
    any_program(d, good_queue(d));
    blk_set(&d->regs, reg, value);
    any_enable(d, good_queue(d));
    blk_set(&d->regs, REG_STATUS, STATUS_ALL);
    offer_good(d);
    any_kick(d, good_queue(d));
}

#define PAGE_OF_RING ((uint32_t)(uintptr_t)d->queue[good_queue(d)].page)
#define STARTING(name, reg, value)                                                                 \
    static void name(struct any *d)                                                                \
    {                                                                                              \
        start_with(d, reg, value);                                                                 \
    }

STARTING(ring_of_0, REG_QUEUE_NUM, 0)
STARTING(ring_of_15, REG_QUEUE_NUM, 15)
STARTING(ring_of_32768, REG_QUEUE_NUM, 32768)
STARTING(ring_of_65535, REG_QUEUE_NUM, 65535)
STARTING(ring_misaligned, REG_QUEUE_DESC, PAGE_OF_RING + 8)
STARTING(available_misaligned, REG_QUEUE_DRIVER, PAGE_OF_RING + ANY_AVAIL + 1)
STARTING(used_misaligned, REG_QUEUE_DEVICE, PAGE_OF_RING + ANY_USED + 2)
STARTING(rings_overlap, REG_QUEUE_DEVICE, PAGE_OF_RING)
STARTING(ring_outside, REG_QUEUE_DESC + 4, 0x100)
STARTING(available_outside, REG_QUEUE_DRIVER, 0x1fffff0)
STARTING(used_in_window, REG_QUEUE_DEVICE, (uint32_t)d->regs.base)

static void no_addresses(struct any *d)
{
    any_reset(d);
    blk_negotiate(&d->regs, d->regs.features);
    any_enable(d, good_queue(d));
    blk_set(&d->regs, REG_STATUS, STATUS_ALL);
    any_kick(d, good_queue(d));
}

static void program_while_live(struct any *d)
{
    any_kick(d, good_queue(d));
    blk_set(&d->regs, REG_QUEUE_SEL, good_queue(d));
    blk_set(&d->regs, REG_QUEUE_NUM, 32768);
    offer_good(d);
    any_kick(d, good_queue(d));
}

static void move_while_live(struct any *d)
{
    blk_set(&d->regs, REG_QUEUE_SEL, good_queue(d));
    blk_set(&d->regs, REG_QUEUE_DESC, 0x1000);
}

/* ---- 12: registers ---- */

static void every_width_and_place(struct any *d)
{
    uintptr_t end = d->regs.pci ? BAR_SIZE : WINDOW;

    for (uintptr_t at = 0; at < end; at += at < 0x80 ? 3 : 0x171) {
        (void)*(volatile uint8_t *)(d->regs.base + at);
        if (at + 2 <= end)
            (void)*(volatile uint16_t *)(d->regs.base + at);
        if (at + 8 <= end)
            (void)*(volatile uint64_t *)(d->regs.base + at);
        if (at % 4 != 0 && at + 4 <= end)
            *(volatile uint32_t *)(d->regs.base + at) = 0xa5a5a5a5;
    }
}

static void configuration_written(struct any *d)
{
    uintptr_t config = d->regs.base + (d->regs.pci ? BAR_CONFIG : REG_CONFIG);

    for (unsigned i = 0; i < 64; i++)
        *(volatile uint8_t *)(config + i) = 0xff;
    for (unsigned i = 0; i < 64; i += 8)
        *(volatile uint64_t *)(config + i) = ~0ull;
    blk_get(&d->regs, REG_CONFIG_GENERATION);
}

static void selectors_of_nothing(struct any *d)
{
    static const uint32_t numbers[] = {FAR_QUEUE, 0xffff, 0x7fffffff, ~0u};

    for (unsigned i = 0; i < 4; i++) {
        blk_set(&d->regs, REG_QUEUE_SEL, numbers[i]);
        blk_set(&d->regs, REG_QUEUE_NUM, 3);
        blk_set(&d->regs, REG_QUEUE_DESC, 0x1000);
        blk_set(&d->regs, REG_QUEUE_READY, 1);
        blk_set(&d->regs, REG_DEVICE_FEATURES_SEL, numbers[i]);
        blk_get(&d->regs, REG_DEVICE_FEATURES);
    }
}

static void reset_with_requests(struct any *d)
{
    for (unsigned i = 0; i < 4; i++) {
        offer_good(d);
        any_kick(d, good_queue(d));
        any_open(d, d->regs.features);
    }
}

static void bus_nonsense(struct any *d)
{
    static const uint32_t values[] = {~0u, 0, 0x80000000, 0x12345678};

    if (!d->regs.pci)
        return;
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned offset = PCI_COMMAND; offset < 256; offset += 4)
            blk_pci_set(&d->regs, offset, values[i]);
        for (unsigned at = 0; at < 64; at += 4)     /* the home of nothing now, or of the table */
            *(volatile uint32_t *)(d->regs.base + BAR_MSIX + at) = values[i];
    }
    blk_pci_set(&d->regs, PCI_BAR0 + 4, 0);
    blk_pci_set(&d->regs, PCI_BAR0, (uint32_t)d->regs.base);
    blk_pci_set(&d->regs, PCI_COMMAND, PCI_COMMAND_MEMORY);
}

/* ---- 16: liveness ---- */

static void same_fault_again_and_again(struct any *d)
{
    struct desc chain[ANY_CHAIN];
    unsigned n = good_chain(d, chain);

    chain[0].gpa = ~0ull;
    send_chain(d, good_queue(d), chain, n);
    any_used(d, good_queue(d));
    for (unsigned i = 0; i < 30; i++)
        any_kick(d, good_queue(d));
}

const struct attack device_attacks[] = {
    {7, "before DRIVER_OK", kick_before_driver_ok, 0, 0},
    {7, "after a reset", kick_after_reset, 0, 0},
    {7, "disabled queues", kick_disabled_queue, 0, 0},
    {7, "no such queue", kick_queues_that_are_not, 0, 0},
    {7, "for nothing", kick_for_nothing, 0, 0},
    {8, "FEATURES_OK left out", skip_features_ok, 0, 0},
    {8, "DRIVER_OK at once", driver_ok_at_once, 0, 0},
    {8, "bits taken back", take_bits_back, 0, 0},
    {8, "features after FEATURES_OK", features_after_ok, 0, 0},
    {8, "features not offered", features_not_offered, 0, 0},
    {8, "all bits", all_status_bits, 0, 0},
    {9, "size 0", ring_of_0, 0, 0},
    {9, "size 15", ring_of_15, 0, 0},
    {9, "size 32768", ring_of_32768, 0, 0},
    {9, "size 65535", ring_of_65535, 0, 0},
    {9, "misaligned descriptors", ring_misaligned, 0, 0},
    {9, "misaligned available", available_misaligned, 0, 0},
    {9, "misaligned used", used_misaligned, 0, 0},
    {9, "overlap", rings_overlap, 0, 0},
    {9, "outside", ring_outside, 0, 0},
    {9, "available outside", available_outside, 0, 0},
    {9, "used in the window", used_in_window, 0, 0},
    {9, "no addresses", no_addresses, 0, 0},
    {9, "size while live", program_while_live, 0, 0},
    {9, "moved while live", move_while_live, 0, 0},
    {12, "every width and place", every_width_and_place, 0, 0},
    {12, "configuration written", configuration_written, 0, 0},
    {12, "selectors", selectors_of_nothing, 0, 0},
    {12, "reset with requests", reset_with_requests, 0, 0},
    {12, "nonsense on the bus", bus_nonsense, 0, 0},
    {16, "the same fault", same_fault_again_and_again, 0, 0},
    {0, NULL, NULL, 0, 0},
};
