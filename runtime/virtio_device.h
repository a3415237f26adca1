/*
 * A virtio device as its transport sees it: features, status machine, configuration space, queues.
 *
 * Knows no transport: virtio_mmio.c, virtio_pci.c and vhost_user.c translate registers and
 * messages to these calls, and are told of signals through struct virtio_transport. A driver that
 * breaks the rules makes the device broken: one line in the log, DEVICE_NEEDS_RESET in the status,
 * no more chains taken; other devices go on, and a reset repairs it.
 *
 * Everything here is called in the loop thread. Requests complete there too.
 */
#ifndef VIRTIO_DEVICE_H
#define VIRTIO_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <qemu/coroutine.h>
#include "loop.h"
#include "virtio.h"
#include "virtqueue.h"

/* Device status bits, virtio 1.2 section 2.1. */
#define VIRTIO_S_ACKNOWLEDGE 1
#define VIRTIO_S_DRIVER      2
#define VIRTIO_S_DRIVER_OK   4
#define VIRTIO_S_FEATURES_OK 8
#define VIRTIO_S_NEEDS_RESET 64
#define VIRTIO_S_FAILED      128

#define VIRTIO_F_RING_PACKED 34      /* section 2.8 */
#define VIRTIO_F_RING_RESET  40      /* section 2.6.1 */

/* What a device asks of its transport. Called in the loop thread, also from inside its calls. */
struct virtio_transport {
    void (*signal_queue)(void *transport, uint16_t queue);
    void (*signal_config)(void *transport);
    void (*signal_broken)(void *transport);     /* DEVICE_NEEDS_RESET was set */
    uint64_t features;                          /* bits the transport adds to those offered */
};

/*
 * Makes and realizes a device with n_queues queues on the guest memory gm. NULL with the error's
 * text when it cannot be. name is what log lines call it.
 */
struct virtio_device *virtio_device_new(const struct virtio_class *class, const char *name,
                                        AioContext *ctx, struct guestmem *gm, uint16_t n_queues,
                                        const struct virtio_config_values *options,
                                        struct virtio_error *error);

/* Resets the device (see virtio_reset), then frees it. */
void no_coroutine_fn virtio_device_free(struct virtio_device *dev);

void virtio_attach(struct virtio_device *dev, const struct virtio_transport *ops, void *transport);

const struct virtio_class *virtio_class_of(const struct virtio_device *dev);
uint16_t virtio_n_queues(const struct virtio_device *dev);
struct guestmem *virtio_memory(const struct virtio_device *dev);

/* Every feature bit offered, the ring's and VERSION_1 included. */
uint64_t virtio_offered(const struct virtio_device *dev);

/*
 * Offers packed rings too. Before a driver sees the device. Not by default: User-mode Linux accepts
 * them over vhost-user and cannot start them.
 */
void virtio_offer_packed(struct virtio_device *dev);

/*
 * The driver accepts features. 0, -EINVAL for bits not offered, -EBUSY while a queue runs with
 * other features.
 */
int virtio_set_features(struct virtio_device *dev, uint64_t features);
uint64_t virtio_features(const struct virtio_device *dev);

/*
 * The status register of transports that have one. Writing 0 resets (virtio_reset). FEATURES_OK does
 * not stick when the features are not acceptable. Rules broken: the device is broken. The transport
 * starts the queues when DRIVER_OK appears.
 */
uint8_t virtio_status(const struct virtio_device *dev);
void virtio_set_status(struct virtio_device *dev, uint8_t status);

/* Marks the device broken (printf-like reason); logs the first reason and signals it. */
void virtio_broken(struct virtio_device *dev, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool virtio_is_broken(const struct virtio_device *dev);

/* size bytes of the configuration space from offset; what is outside it reads as zero. */
void virtio_config_read(struct virtio_device *dev, uint32_t offset, void *data, uint32_t size);
/* False: the bytes are not inside it or cannot be written. */
bool virtio_config_write(struct virtio_device *dev, uint32_t offset, const void *data,
                         uint32_t size);
/* Changes whenever the configuration space does. */
uint32_t virtio_config_generation(const struct virtio_device *dev);

/* Largest ring of queue q; 0 when there is no such queue. */
uint16_t virtio_queue_max(const struct virtio_device *dev, uint16_t q);

/*
 * Starts queue q at last_avail. 0, or -EINVAL and the device is broken. inflight may be NULL. Does
 * not look for chains: kick it.
 */
int virtio_queue_start(struct virtio_device *dev, uint16_t q, const struct vq_config *config,
                       uint16_t last_avail, struct vq_inflight *inflight);
bool virtio_queue_running(const struct virtio_device *dev, uint16_t q);

/* The driver kicked queue q: takes its chains and starts their coroutines. Any q is allowed. */
void virtio_queue_kick(struct virtio_device *dev, uint16_t q);

/*
 * Takes no more chains from queue q, waits until none is in flight, stops it. Returns the position
 * in the available ring to go on from (0 when it was stopped). Suspends.
 */
uint16_t coroutine_fn co_virtio_queue_stop(struct virtio_device *dev, uint16_t q);

/* The same outside coroutines, with the loop running meanwhile. */
uint16_t no_coroutine_fn virtio_queue_stop(struct virtio_device *dev, uint16_t q);

/* Guest memory changed: every running queue looks its rings up again. */
void virtio_memory_changed(struct virtio_device *dev);

/*
 * Reset. The requests in flight are waited for first, with the loop running, because they use
 * guest memory that the driver may take back afterwards. co_virtio_reset suspends.
 */
void no_coroutine_fn virtio_reset(struct virtio_device *dev);
void coroutine_fn co_virtio_reset(struct virtio_device *dev);

#endif
