/*
 * What virtio.c (features, status machine, configuration space) and virtio_queue.c (requests, queues,
 * reset) share. Nobody else includes this.
 */
#ifndef VIRTIO_IMPL_H
#define VIRTIO_IMPL_H

#include "log.h"
#include "virtio_device.h"

#define F_INDIRECT_DESC     28
#define F_EVENT_IDX         29
#define F_VERSION_1         32

struct virtio_queue {
    struct virtqueue vq;
    struct virtio_device *dev;
    uint16_t index;
    bool running, stopping;
    bool signal_scheduled;
    CoQueue idle;               /* who waits for the last request in flight */
};

struct virtio_device {
    /* Constant after virtio_device_new. */
    const struct virtio_class *class;
    char name[32];
    AioContext *ctx;
    struct guestmem *gm;
    void *state;
    uint16_t n_queues;
    /* Constant after virtio_attach. */
    const struct virtio_transport *ops;
    void *transport;
    /* State. */
    uint64_t features;
    uint8_t status;
    bool broken;
    unsigned resets;            /* counts, so that a nested reset is noticed */
    unsigned bottom_halves;     /* on their way */
    uint32_t generation;
    struct log_limit complaints;    /* a driver may reset and break its device for ever */
    struct virtio_queue queues[];
};

#endif
