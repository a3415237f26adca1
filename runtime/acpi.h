/*
 * acpi.h - the tables by which a guest finds its processors, its console, its PCI bus and its
 * virtio-mmio devices.
 *
 * Hardware-reduced ACPI 6.1: no SCI, no PM timer, no fixed registers but sleep control, sleep
 * status and reset, which are ports of ours. About 2 KiB in all, written below 1 MiB where firmware
 * has its tables. Rejected: an MP table (Debian's cloud kernels ignore it), and device addresses on
 * the kernel command line (those kernels are built without CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES).
 */
#ifndef CPC_ACPI_H
#define CPC_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guestmem.h"

enum {
    ACPI_RSDP_GPA = 0xe0000, /* what is below 1 MiB here is not RAM in the guest's memory map */
    ACPI_END_GPA = 0xf0000,

    ACPI_SLEEP_PORT = 0x600,       /* sleep control; the next port is sleep status */
    ACPI_SLEEP_S5 = 5 << 2 | 0x20, /* SLP_TYP of \_S5 and SLP_EN */
    ACPI_RESET_PORT = 0x602,
    ACPI_RESET_VALUE = 1,
    ACPI_PANIC_PORT = 0x505, /* pvpanic */
    ACPI_BUTTON_GSI = 3,     /* an edge is a press of the power button */
};

/* A virtio-mmio window and its interrupt. */
struct acpi_virtio {
    uint32_t gpa, size;
    uint32_t gsi;
};

struct acpi_config {
    unsigned cpus;                  /* at most 255: local APIC numbers 0 to cpus - 1 */
    bool pci;                       /* there is a PCI bus, where pci_host.h says */
    const struct acpi_virtio *virtio;
    size_t n_virtio;
};

/*
 * Writes the tables. 0, or -ENOSPC, logged, when there are too many devices or CPUs for the room.
 */
int acpi_write(const struct guestmem_map *memory, const struct acpi_config *config);

#endif
