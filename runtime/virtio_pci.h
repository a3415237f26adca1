/*
 * virtio_pci.h - virtio over PCI, modern only (virtio 1.2, section 4.1): a PCI function around a
 * device.
 *
 * BAR 0 has the common configuration, ISR, device configuration, a kick address per queue, the
 * MSI-X table and its pending bits, each on a page of its own. Every queue has a vector as far as
 * they go, and the configuration has one. Kicks come by eventfd where the platform can do that;
 * completions are messages without a way through user space. Without MSI-X the interrupt is the
 * line, raised until the ISR is read.
 *
 * Threads: virtio_pci_new and virtio_pci_free in the device's loop thread, no vCPU runs. The
 * guest's accesses come in any thread: registers are handed to the loop thread and waited for, the
 * MSI-X table is answered at once. Any offset, size and value is allowed; what is not the width of
 * its field reads as 0 and is ignored when written.
 */
#ifndef VIRTIO_PCI_H
#define VIRTIO_PCI_H

#include <stdint.h>

#include "pci.h"
#include "virtio_device.h"

enum {
    VIRTIO_PCI_VENDOR = 0x1af4,
    VIRTIO_PCI_DEVICE = 0x1040,     /* plus the device's ID */
    VIRTIO_PCI_NO_VECTOR = 0xffff,

    /* BAR 0. */
    VIRTIO_PCI_COMMON = 0x0000,
    VIRTIO_PCI_ISR = 0x1000,
    VIRTIO_PCI_CONFIG = 0x2000,
    VIRTIO_PCI_KICK = 0x3000,       /* 4 bytes a queue */
    VIRTIO_PCI_MSIX = 0x4000,
    VIRTIO_PCI_PENDING = 0x5000,
    VIRTIO_PCI_BAR_SIZE = 0x8000,
};

struct virtio_pci;

/* Puts dev (which stays the caller's) into the next slot of the bus. NULL: no slot, no eventfds. */
struct virtio_pci *virtio_pci_new(struct virtio_device *dev, struct pci_bus *bus);

/* Frees the function. dev must have been reset; nobody uses the bus any more. */
void virtio_pci_free(struct virtio_pci *p);

/* The function, for its slot. */
const struct pci_function *virtio_pci_function(const struct virtio_pci *p);

/* Kicks that came by register instead of the eventfds. */
uint64_t virtio_pci_kick_exits(const struct virtio_pci *p);

#endif
