/*
 * virtio_slots.h - the places where a guest finds its virtio devices, on either transport.
 *
 * virtio-mmio: slot n has a window of 4 KiB at 0xc0000000 + n * 4 KiB and the interrupt GSI 5 + n.
 * virtio-pci: slot n is PCI device n + 1, behind the host bridge (pci_host.h). Either way a kick of
 * a queue is an ioeventfd and a completion an irqfd, so neither goes through a vCPU thread; where
 * KVM has no room for an ioeventfd the kick is a register write like the others.
 *
 * Threads: the calls below in the thread of the VMM's loop. A device lives in that thread too, or,
 * with iothreads, in one of its own, which has its own event loop and its own view of guest memory.
 * Registers belong to the device's thread: a vCPU thread asks it and waits.
 */
#ifndef CPC_VIRTIO_SLOTS_H
#define CPC_VIRTIO_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sysemu/iothread.h>

#include "acpi.h"
#include "device_spec.h"
#include "kvm.h"
#include "loop.h"
#include "machine.h"
#include "pci_host.h"
#include "virtio_device.h"
#include "virtio_mmio.h"
#include "virtio_pci.h"

enum {
    VIRTIO_SLOTS_GSI = 5,
    VIRTIO_SLOTS_MMIO = 19,     /* GSI 5 to 23: the IO-APIC has 24 lines */
    VIRTIO_SLOTS_MAX = PCI_SLOTS - 1,
};

enum virtio_transport_kind { VIRTIO_OVER_PCI, VIRTIO_OVER_MMIO };

struct virtio_slot {
    AioContext *ctx;            /* of the device's thread */
    IOThread *thread;           /* NULL: the VMM's */
    struct guestmem *memory;    /* ours when there is a thread */
    char name[32];
    struct virtio_device *device;
    struct virtio_mmio *mmio;   /* one of the two */
    struct virtio_pci *pci;
};

struct virtio_slots {
    struct machine *machine;
    struct kvm *kvm;
    AioContext *ctx;
    enum virtio_transport_kind transport;
    bool iothreads;
    struct pci_host pci;
    struct virtio_slot slot[VIRTIO_SLOTS_MAX];
    struct acpi_virtio acpi[VIRTIO_SLOTS_MMIO];     /* the mmio ones, for acpi_write */
    size_t used;
};

/* 0, or -errno logged. virtio_slots_free in any case. */
int virtio_slots_init(struct virtio_slots *slots, struct machine *machine, struct kvm *kvm,
                      AioContext *ctx, enum virtio_transport_kind transport, bool iothreads);

/* Makes a device in the next slot. 0, or -errno logged. Before the vCPUs start. */
int virtio_slots_add(struct virtio_slots *slots, const struct device_spec *spec);

/* What the guest is told of them; points into slots. */
void virtio_slots_describe(const struct virtio_slots *slots, struct acpi_config *acpi);

/* Waits for requests in flight and frees all devices. No vCPU runs any more. */
void virtio_slots_free(struct virtio_slots *slots);

#endif
