/*
 * bus_target.c - fuzz target of the PCI bus: configuration space by both ways, BARs that move, the
 * window capability, MSI-X tables and interrupt lines, with two devices behind it that are started
 * now and then.
 *
 * After each step the tables of the machine must agree with configuration space: eventfds are
 * where BARs are decoded and nowhere else.
 */
#include <stdio.h>
#include <string.h>

#include "../fake_bus.h"
#include "fuzz.h"
#include "virtio_pci.h"

enum { FUNCTIONS = 2, STEPS_MAX = 200 };

static struct fake_bus machine;
static unsigned long interrupts[FAKE_BUS_DEVICES];
static struct virtio_device *device[FUNCTIONS];
static struct virtio_pci *function[FUNCTIONS];

static void make_bus(void)
{
    char disk[100];

    fake_bus_init(&machine, fuzz_ctx, interrupts);
    snprintf(disk, sizeof disk, "blk,disk=%s,queues=4", fuzz_disk);
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        device[i] = fuzz_device(i == 0 ? disk : "rng");
        machine.adding = i;
        function[i] = virtio_pci_new(device[i], &machine.bus);
        if (!function[i]) {
            fuzz_fail("no function");
        }
    }
}

static void free_bus(void)
{
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        virtio_reset(device[i]);
    }
    fake_bus_quiet(&machine);
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        virtio_pci_free(function[i]);
        virtio_device_free(device[i]);
    }
    fake_bus_free(&machine);
}

/* ---- accesses ---- */

static unsigned any_size(struct fuzz_input *in)
{
    static const unsigned sizes[] = {4, 4, 4, 4, 2, 2, 1, 8};

    return fuzz_rare(in) ? fuzz_u8(in) % 9 : sizes[fuzz_u8(in) % 8];
}

static uint64_t any_value(struct fuzz_input *in)
{
    static const uint64_t values[] = {0, 1, 2, 4, 6, 0x406, 0x8000, 0xc000, FAKE_BUS_WINDOW};

    return fuzz_rare(in) ? fuzz_u64(in)
           : fuzz_u8(in) & 1 ? values[fuzz_u8(in) % 9] : fuzz_number(in);
}

/* Reads or writes where a register may be: of a function that is there, mostly. */
static void touch_config(struct fuzz_input *in)
{
    unsigned size = any_size(in);
    uint64_t slot = fuzz_rare(in) ? fuzz_u8(in) : fuzz_u8(in) % (FUNCTIONS + 2);
    uint64_t offset = fuzz_rare(in) ? fuzz_u16(in) % 4096
                                    : size ? fuzz_u8(in) / size * size : fuzz_u8(in);
    bool by_port = fuzz_u8(in) & 1, writes = fuzz_u8(in) & 1;

    if (by_port) {
        pci_port_write(&machine.bus, 0, 4, 1u << 31 | slot << 11 | (offset & 0xfc));
        if (writes) {
            pci_port_write(&machine.bus, 4 + offset % 4, size, any_value(in));
        } else {
            pci_port_read(&machine.bus, 4 + offset % 4, size);
        }
    } else if (writes) {
        pci_ecam_write(&machine.bus, slot << 15 | offset, size, any_value(in));
    } else {
        pci_ecam_read(&machine.bus, slot << 15 | offset, size);
    }
}

static uint64_t bar_of(unsigned slot)
{
    uint64_t low = pci_ecam_read(&machine.bus, (uint64_t)slot << 15 | PCI_BAR0, 4);

    return (low & 0xfffffff0) | pci_ecam_read(&machine.bus, (uint64_t)slot << 15 | 0x14, 4) << 32;
}

static void touch_bar(struct fuzz_input *in)
{
    static const uint64_t pages[] = {0, 0, 0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000};
    unsigned slot = 1 + fuzz_u8(in) % FUNCTIONS, size = any_size(in);
    uint64_t offset = pages[fuzz_u8(in) % 8] + fuzz_u8(in) % 128 / 2 * 2;
    uint64_t at = bar_of(slot) + offset - FAKE_BUS_WINDOW;

    if (fuzz_rare(in)) {
        at = fuzz_u64(in) % (FAKE_BUS_WINDOW_SIZE + 0x10000);
    }
    if (size == 0 || size > 8 || at > FAKE_BUS_WINDOW_SIZE - size) {
        return;                 /* such an access does not come to the bus */
    }
    if (fuzz_u8(in) & 1) {
        pci_window_write(&machine.bus, at, size, any_value(in));
    } else {
        pci_window_read(&machine.bus, at, size);
    }
}

/* ---- what is set up rightly ---- */

static void set(unsigned slot, uint64_t offset, unsigned size, uint64_t value)
{
    pci_window_write(&machine.bus, bar_of(slot) + offset - FAKE_BUS_WINDOW, size, value);
}

static void enable(unsigned slot, bool msix)
{
    uint64_t config = (uint64_t)slot << 15;
    uint64_t home = FAKE_BUS_WINDOW + slot * (FAKE_BUS_WINDOW_SIZE / PCI_SLOTS);
    uint8_t capability = virtio_pci_function(function[slot - 1])->msix_capability;

    pci_ecam_write(&machine.bus, config | PCI_BAR0, 4, home);
    pci_ecam_write(&machine.bus, config | 0x14, 4, 0);
    pci_ecam_write(&machine.bus, config | PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    pci_ecam_write(&machine.bus, config | (capability + 2u), 2, msix ? 0x8000 : 0);
    for (unsigned vector = 0; vector < 2; vector++) {
        set(slot, VIRTIO_PCI_MSIX + 16 * vector, 8, FAKE_BUS_ADDRESS);
        set(slot, VIRTIO_PCI_MSIX + 16 * vector + 8, 8, vector);
    }
}

/* From reset to DRIVER_OK with one queue, in whose ring one chain lies: a buffer to be written. */
static void start(unsigned slot, uint64_t features)
{
    static const struct {
        uint16_t offset;
        uint8_t size;
        uint32_t value;
    } steps[] = {
        {0x16, 2, 0}, {0x18, 2, 16}, {0x20, 4, 0}, {0x28, 4, 0x400}, {0x30, 4, 0x800},
        {0x24, 4, 0}, {0x2c, 4, 0}, {0x34, 4, 0}, {0x10, 2, 0}, {0x1a, 2, 1}, {0x1c, 2, 1},
        {0x14, 1, 15},
    };
    static const uint64_t descriptor[] = {RINGS_END, 2ull << 32 | 64};

    set(slot, 0x14, 1, 0);
    set(slot, 0x14, 1, 3);
    for (unsigned half = 0; half < 2; half++) {
        set(slot, 0x08, 4, half);
        set(slot, 0x0c, 4, half ? features >> 32 | 1 : features & 0xffffffff);
    }
    set(slot, 0x14, 1, 11);
    memset(fuzz_ram, 0, 0x1000);
    memcpy(fuzz_ram, descriptor, sizeof descriptor);
    fuzz_ram[0x402] = 1;
    for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        set(slot, steps[i].offset, steps[i].size, steps[i].value);
    }
    set(slot, VIRTIO_PCI_KICK, 2, 0);
}

/* ---- the target ---- */

static void check_machine(void)
{
    unsigned n = 0, expected = 0;

    for (unsigned i = 0; i < FAKE_BUS_KICKS; i++) {
        n += machine.kick[i].gpa != 0;
    }
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        const struct pci_function *fn = virtio_pci_function(function[i]);

        expected += fn->decoded ? virtio_n_queues(device[i]) : 0;
        if (fn->decoded && (fn->decoded < FAKE_BUS_WINDOW ||
                            fn->decoded + fn->bar_size > FAKE_BUS_WINDOW + FAKE_BUS_WINDOW_SIZE)) {
            fuzz_fail("a BAR is decoded outside the window");
        }
        if (machine.line[fn->slot % PCI_LINES] != fn->intx_driven) {
            fuzz_fail("a line is not what its function drives");
        }
    }
    if (n != expected) {
        fuzz_fail("%u kicks where %u should be", n, expected);
    }
}

static void step(struct fuzz_input *in)
{
    unsigned slot = 1 + fuzz_u8(in) % FUNCTIONS;

    switch (fuzz_u8(in) % 8) {
    case 0:
    case 1:
    case 2:
        touch_config(in);
        break;
    case 3:
    case 4:
        touch_bar(in);
        break;
    case 5:
        enable(slot, fuzz_u8(in) & 1);
        break;
    case 6:
        start(slot, fuzz_u8(in) & 1 ? 0 : 1ull << 40);
        break;
    default:
        fuzz_turns(1 + fuzz_u8(in) % 4);
        break;
    }
}

static void run(const void *opaque, struct fuzz_input *in)
{
    (void)opaque;
    if (guestmem_map_fd(fuzz_memory, 0, 0, RAM_LOW, fuzz_ram_fd, 0)) {
        fuzz_fail("no guest memory");
    }
    make_bus();
    for (unsigned i = 0; i < STEPS_MAX && in->left > 0; i++) {
        step(in);
        check_machine();
    }
    free_bus();
}

const struct fuzz_target fuzz_pci = {"pci", run, NULL};
