/*
 * pci_host.h - the PCI bus in our machine: where the guest finds it, and KVM as its platform.
 *
 * Threads: those of pci.h.
 */
#ifndef CPC_PCI_HOST_H
#define CPC_PCI_HOST_H

#include "irq.h"
#include "kvm.h"
#include "machine.h"
#include "pci.h"

#define PCI_WINDOW_GPA MACHINE_HOLE_START   /* for BARs */
#define PCI_WINDOW_SIZE UINT64_C(0x20000000)
#define PCI_ECAM_GPA UINT64_C(0xe0000000)

enum { PCI_FIRST_GSI = 16 };                /* of line 0; level-triggered */

struct pci_host {
    struct kvm *kvm;
    struct irq irq;
    struct pci_platform platform;
    struct pci_bus bus;
};

/* Adds the bus to the machine. 0, or -errno logged. pci_host_free in any case. */
int pci_host_init(struct pci_host *host, struct machine *machine, struct kvm *kvm);
void pci_host_free(struct pci_host *host);

#endif
