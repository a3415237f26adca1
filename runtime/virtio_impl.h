/*
 * What virtio.c (features, status machine, configuration space), virtio_queue.c (requests, queues,
 * reset) and virtio_traffic.c (traffic of the device's own) share. Nobody else includes this.
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
    /* virtio_traffic.c. */
    struct virtio_wait *waits;  /* newest first */
    uint64_t n_waits;           /* begun so far */
    bool woken;                 /* by virtio_wake, since the last co_virtio_wait */
    enum { TRAFFIC_NONE, TRAFFIC_WANTED, TRAFFIC_RUNNING, TRAFFIC_ENDED } traffic;
    unsigned taken_in_turn;     /* chains since the traffic last let the loop run */
    struct vq_chain *taken, **taken_end;
    unsigned n_taken;
};

struct virtio_device {
    /* Constant after virtio_device_new. */
    const struct virtio_class *class;
    char name[32];
    AioContext *ctx;
    struct guestmem *gm;
    void *state;
    uint16_t n_queues;
    bool packed;                /* packed rings are offered */
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

/* virtio_queue.c: a signal for what was pushed, once in a turn of the loop. */
void virtio_schedule_signal(struct virtio_queue *q);

/* The queue runs and is to go on. */
static inline bool virtio_queue_goes_on(const struct virtio_queue *q)
{
    return q->running && !q->stopping && !q->dev->broken;
}

/* The queue starts: finds out whether it has traffic. Then a kick starts its coroutine. */
void virtio_traffic_prepare(struct virtio_queue *q);

/* The driver kicked a queue that has traffic: starts its coroutine, or gives it the chains. */
void virtio_traffic_kick(struct virtio_queue *q);

/* The queue is to stop: every wait on it ends. */
void virtio_traffic_stop(struct virtio_queue *q);

#endif
