/*
 * What virtio_pci.c (the function and its BAR) and virtio_pci_common.c (the common configuration)
 * share. Nobody else includes this.
 */
#ifndef VIRTIO_PCI_IMPL_H
#define VIRTIO_PCI_IMPL_H

#include "msix.h"
#include "virtio_pci.h"
#include "virtio_regs.h"

enum { VIRTIO_PCI_COMMON_SIZE = 0x3c };

struct virtio_pci {
    /* Constant. */
    struct virtio_device *dev;
    struct pci_function fn;
    struct msix msix;
    unsigned window;            /* where the capability of the window is */
    uint64_t kicks_at;          /* where kicks are eventfds; the bus's lock */
    /* The loop thread's. */
    struct virtio_regs regs;
    uint8_t isr;
    uint16_t config_vector;
    uint16_t vector[];          /* by queue */
};

/* virtio_pci.c: the ISR as it was, cleared, with the line lowered; all vectors none. */
uint8_t virtio_pci_take_isr(struct virtio_pci *p);
void virtio_pci_forget_vectors(struct virtio_pci *p);

/* virtio_pci_common.c: an access that is not of a whole field reads as 0 and writes nothing. */
uint32_t virtio_pci_common_read(struct virtio_pci *p, uint64_t offset, unsigned size);
void virtio_pci_common_write(struct virtio_pci *p, uint64_t offset, unsigned size, uint32_t value);

#endif
