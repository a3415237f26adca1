/*
 * virtio_slots.h - the places where a guest finds its virtio-mmio devices.
 *
 * Slot n has a window of 4 KiB at 0xc0000000 + n * 4 KiB and the interrupt GSI 5 + n. A kick of a
 * queue is an ioeventfd and an interrupt an irqfd, so neither goes through a vCPU thread; where KVM
 * has no room for an ioeventfd the kick is a register write like the others. Registers belong to
 * the loop thread: a vCPU thread asks it and waits.
 *
 * Threads: the loop thread; the register accesses come from vCPU threads.
 */
#ifndef CPC_VIRTIO_SLOTS_H
#define CPC_VIRTIO_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "acpi.h"
#include "device_spec.h"
#include "kvm.h"
#include "loop.h"
#include "machine.h"
#include "virtio_device.h"
#include "virtio_mmio.h"

enum {
    VIRTIO_SLOTS_GSI = 5,
    VIRTIO_SLOTS_MAX = 19,      /* GSI 5 to 23: the IO-APIC has 24 lines */
};

struct virtio_slot {
    AioContext *ctx;
    char name[32];
    uint64_t kick_exits;        /* kicks that came without ioeventfd; the loop thread's */
    struct virtio_device *device;
    struct virtio_mmio *mmio;
};

struct virtio_slots {
    struct machine *machine;
    struct kvm *kvm;
    AioContext *ctx;
    struct virtio_slot slot[VIRTIO_SLOTS_MAX];
    struct acpi_virtio acpi[VIRTIO_SLOTS_MAX];  /* the same, for acpi_write */
    size_t used;
};

void virtio_slots_init(struct virtio_slots *slots, struct machine *machine, struct kvm *kvm,
                       AioContext *ctx);

/* Makes a device in the next slot. 0, or -errno logged. Before the vCPUs start. */
int virtio_slots_add(struct virtio_slots *slots, const struct device_spec *spec);

/* Waits for requests in flight and frees all devices. No vCPU runs any more. */
void virtio_slots_free(struct virtio_slots *slots);

#endif
