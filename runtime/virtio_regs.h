/*
 * virtio_regs.h - what a driver has written into the registers of a device, whatever the transport:
 * selectors, features, status, queues; and an eventfd per queue for kicks.
 *
 * virtio_mmio.c and virtio_pci.c only say which offset means what. A queue's registers are kept
 * here until it starts: at DRIVER_OK when it is ready by then, else when it becomes ready. A ready
 * queue cannot be re-programmed (CVE-2026-5747): the device is broken then.
 *
 * Everything is called in the loop thread, not in a coroutine: writing 0 to the status and stopping
 * a queue wait for requests in flight with the loop running.
 */
#ifndef VIRTIO_REGS_H
#define VIRTIO_REGS_H

#include <stdbool.h>
#include <stdint.h>

#include "virtio_device.h"

struct virtio_regs_queue {
    struct virtio_regs *regs;
    uint16_t index;
    int kick_fd;                /* constant */
    uint32_t num;               /* entries; after a reset what is possible at most */
    uint64_t desc, driver, device;
    bool ready;
    bool resetting;             /* VIRTIO_F_RING_RESET: requests in flight are waited for */
};

struct virtio_regs {
    /* Constant. */
    struct virtio_device *dev;
    uint16_t n_queues;
    struct virtio_regs_queue *queues;
    /* The driver's; any value. */
    uint32_t device_features_sel, driver_features_sel, queue_sel;
    uint64_t driver_features;
    uint64_t kicks;             /* that came by register, for whoever wants to know */
};

enum virtio_regs_address { VIRTIO_REGS_DESC, VIRTIO_REGS_DRIVER, VIRTIO_REGS_DEVICE };

void virtio_regs_init(struct virtio_regs *regs, struct virtio_device *dev);
void virtio_regs_free(struct virtio_regs *regs);

/* A new eventfd of ours: does not block. Ends the process when there is none to be had. */
int virtio_regs_eventfd(void);

/* The selected queue, or NULL. */
struct virtio_regs_queue *virtio_regs_selected(struct virtio_regs *regs);

/* The selected half of the feature bits. */
uint32_t virtio_regs_offered(const struct virtio_regs *regs);
uint32_t virtio_regs_accepted(const struct virtio_regs *regs);
void virtio_regs_accept(struct virtio_regs *regs, uint32_t value);

/* The driver writes the status. True: that was a reset, and everything here is as at first. */
bool virtio_regs_set_status(struct virtio_regs *regs, uint32_t value);

/* Registers of the selected queue; without effect when there is none. */
void virtio_regs_set_num(struct virtio_regs *regs, uint32_t value);
void virtio_regs_set_address(struct virtio_regs *regs, enum virtio_regs_address which, bool high,
                             uint32_t value);
void virtio_regs_set_ready(struct virtio_regs *regs);
void virtio_regs_stop(struct virtio_regs *regs);
/* The same for good: the queue is as at first. Without effect unless VIRTIO_F_RING_RESET is agreed. */
void virtio_regs_reset_queue(struct virtio_regs *regs);

/* A kick that came by register. Any q. */
void virtio_regs_kick(struct virtio_regs *regs, uint32_t q);

#endif
