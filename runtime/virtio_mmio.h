/*
 * virtio over MMIO, version 2 (virtio 1.2, section 4.2.2): the register file of one device.
 *
 * Requires: reads and writes come in the loop thread (a vCPU thread goes through loop_call_sync);
 * not in a coroutine, since writing 0 to Status waits for requests in flight with the loop
 * running. Any offset and size are allowed: a register access that is not 4 bytes and aligned
 * reads as 0 and is ignored when written; the configuration space takes 1, 2, 4 and 8.
 *
 * Kicks come by QueueNotify or, without leaving the kernel, by an eventfd per queue that the VMM
 * registers as ioeventfd (address of the window + VIRTIO_MMIO_NOTIFY, 4 bytes, datamatch q).
 * Interrupts: an eventfd to be registered as irqfd, and a function for those who have none.
 */
#ifndef VIRTIO_MMIO_H
#define VIRTIO_MMIO_H

#include <stdint.h>

#include "virtio_device.h"

#define VIRTIO_MMIO_WINDOW 0x1000   /* bytes of address space a device takes, 0x100 + config used */
#define VIRTIO_MMIO_NOTIFY 0x50     /* offset of QueueNotify, for ioeventfd */

struct virtio_mmio;

/*
 * Puts dev (which stays the caller's) behind registers. signal, when not NULL, is called in the
 * loop thread with opaque for every interrupt, instead of writing to virtio_mmio_irq_fd.
 */
struct virtio_mmio *virtio_mmio_new(struct virtio_device *dev, void (*signal)(void *opaque),
                                    void *opaque);

/* Frees the registers and closes the eventfds. dev must have been reset. */
void virtio_mmio_free(struct virtio_mmio *m);

/* offset is relative to the window. size: 1, 2, 4 or 8; anything else reads as 0. */
uint64_t virtio_mmio_read(struct virtio_mmio *m, uint64_t offset, unsigned size);
void virtio_mmio_write(struct virtio_mmio *m, uint64_t offset, unsigned size, uint64_t value);

/* Interrupt line: true while InterruptStatus is not zero (for level-triggered wiring). */
int virtio_mmio_irq_level(const struct virtio_mmio *m);

/* The eventfd that kicks queue q, or -1 when there is no such queue. Stays ours. */
int virtio_mmio_kick_fd(const struct virtio_mmio *m, uint16_t q);

/* The eventfd written for each interrupt. Stays ours. */
int virtio_mmio_irq_fd(const struct virtio_mmio *m);

/* Kicks that came by QueueNotify instead of the eventfds. */
uint64_t virtio_mmio_kick_exits(const struct virtio_mmio *m);

#endif
