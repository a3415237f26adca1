/*
 * Requests and queues of a virtio device: kicks, completion, signals, stopping, reset. Queues with
 * traffic of the device's own have their coroutine in virtio_traffic.c.
 *
 * Life of a request: kick -> take_chains pops a chain -> a coroutine runs request(), which calls the
 * class and then completes the chain, whatever the class did. So every chain that was popped is
 * pushed exactly once, or thrown away when the queue broke meanwhile.
 *
 * Signals are sent once per turn of the loop and queue, by a bottom half: completions that arrive
 * together cost the driver one interrupt.
 *
 * A queue that is being stopped takes no chains; the last completion wakes whoever waits for it.
 */
#include "virtio_impl.h"

#include "trace_events.h"

#include <errno.h>

/* ---- requests ----------------------------------------------------------- */

static void send_signal(void *opaque)
{
    struct virtio_queue *q = opaque;

    q->signal_scheduled = false;
    q->dev->bottom_halves--;
    if (q->running && q->dev->ops && vq_should_signal(&q->vq)) {
        trace_virtio_signal(q->dev->name, q->index);
        q->dev->ops->signal_queue(q->dev->transport, q->index);
    }
}

void virtio_schedule_signal(struct virtio_queue *q)
{
    if (!q->signal_scheduled) {
        q->signal_scheduled = true;
        q->dev->bottom_halves++;
        aio_bh_schedule_oneshot(q->dev->ctx, send_signal, q);
    }
}

/* A request is in flight, or the traffic's coroutine has not ended. */
static bool is_busy(const struct virtio_queue *q)
{
    return q->vq.n_in_flight || q->traffic == TRAFFIC_RUNNING;
}

static void complete(struct virtio_queue *q, struct vq_chain *chain)
{
    trace_virtio_request_end(q->dev->name, q->index, chain->head, chain->written);
    if (q->dev->broken) {
        vq_discard(chain);
        return;
    }
    vq_push(chain);
    virtio_schedule_signal(q);
}

/* The coroutine of one request. */
static void coroutine_fn request(void *opaque)
{
    struct vq_chain *chain = opaque;
    struct virtio_queue *q = chain->vq->owner;

    trace_virtio_request_begin(q->dev->name, q->index, chain->head);
    q->dev->class->request(q->dev->state, q->index, chain);
    complete(q, chain);
    if (!is_busy(q)) {
        qemu_co_queue_restart_all(&q->idle);
    }
}

/* Pops chains until there is none: 0; or until the budget is used up: 1; or -EINVAL. */
static int take_chains(struct virtio_queue *q, unsigned *budget)
{
    for (; *budget > 0; --*budget) {
        struct vq_chain *chain = NULL;
        int r = vq_pop(&q->vq, &chain);

        if (r <= 0) {
            return r;
        }
        qemu_coroutine_enter(qemu_coroutine_create(request, chain));
        if (!virtio_queue_goes_on(q)) {
            return 0;
        }
    }
    return 1;
}

static void kick_again(void *opaque)
{
    struct virtio_queue *q = opaque;

    q->dev->bottom_halves--;
    virtio_queue_kick(q->dev, q->index);
}

void virtio_queue_kick(struct virtio_device *dev, uint16_t index)
{
    struct virtio_queue *q;
    unsigned budget;
    int r;

    if (index >= dev->n_queues || dev->broken) {
        return;
    }
    q = &dev->queues[index];
    trace_virtio_kick(dev->name, index);
    if (!q->running || q->stopping) {
        return;
    }
    if (q->traffic != TRAFFIC_NONE) {
        virtio_traffic_kick(q);
        return;
    }
    vq_kicks_off(&q->vq);
    /* A ring's worth in all, whatever another CPU offers meanwhile: others want their turn. */
    budget = q->vq.config.num;
    do {
        r = take_chains(q, &budget);
    } while (r == 0 && virtio_queue_goes_on(q) && vq_kicks_on(&q->vq));
    if (r < 0) {
        virtio_broken(dev, "queue %u: %s", index, vq_error(&q->vq));
    } else if (r > 0) {
        dev->bottom_halves++;
        aio_bh_schedule_oneshot(dev->ctx, kick_again, q);
    }
}

/* ---- queues and reset ----------------------------------------------------------- */

uint16_t virtio_queue_max(const struct virtio_device *dev, uint16_t q)
{
    return q < dev->n_queues ? dev->class->queue_size : 0;
}

int virtio_queue_start(struct virtio_device *dev, uint16_t index, const struct vq_config *config,
                       uint16_t last_avail, struct vq_inflight *inflight)
{
    struct virtio_queue *q;
    int r = -EINVAL;

    if (dev->broken) {
        return r;
    }
    if (index >= dev->n_queues || dev->queues[index].running) {
        virtio_broken(dev, "queue %u started twice, or there is no such queue", index);
        return r;
    }
    q = &dev->queues[index];
    if (config->num > dev->class->queue_size) {
        virtio_broken(dev, "queue %u: %u entries, at most %u are possible", index, config->num,
                      dev->class->queue_size);
        return r;
    }
    q->vq.packed = virtio_has_feature(dev, VIRTIO_F_RING_PACKED);
    q->vq.indirect = virtio_has_feature(dev, F_INDIRECT_DESC);
    q->vq.event_idx = virtio_has_feature(dev, F_EVENT_IDX);
    r = vq_start(&q->vq, dev->gm, config, last_avail, inflight);
    if (r) {
        virtio_broken(dev, "queue %u: %s", index, vq_error(&q->vq));
        return r;
    }
    trace_virtio_queue_start(dev->name, index, config->num);
    q->running = true;
    q->stopping = false;
    virtio_traffic_prepare(q);
    return 0;
}

bool virtio_queue_running(const struct virtio_device *dev, uint16_t q)
{
    return q < dev->n_queues && dev->queues[q].running;
}

/* The queue has no request in flight: closes it. Where in the available ring it was. */
static uint16_t close_queue(struct virtio_queue *q)
{
    uint16_t last_avail = q->vq.last_avail;

    if (!q->running) {
        return last_avail;      /* somebody else waited too and was first */
    }
    if (q->signal_scheduled && q->dev->ops && vq_should_signal(&q->vq)) {
        q->dev->ops->signal_queue(q->dev->transport, q->index);
    }
    trace_virtio_queue_stop(q->dev->name, q->index);
    q->running = q->stopping = false;
    vq_stop(&q->vq);
    return last_avail;
}

/* From now on no chain is taken, and nothing on the queue waits any longer. */
static void stop_taking(struct virtio_queue *q)
{
    if (q->running) {
        q->stopping = true;
        virtio_traffic_stop(q);
    }
}

uint16_t coroutine_fn co_virtio_queue_stop(struct virtio_device *dev, uint16_t index)
{
    struct virtio_queue *q;

    if (!virtio_queue_running(dev, index)) {
        return 0;
    }
    q = &dev->queues[index];
    stop_taking(q);
    while (q->running && is_busy(q)) {
        qemu_co_queue_wait(&q->idle, NULL);
    }
    return close_queue(q);
}

uint16_t no_coroutine_fn virtio_queue_stop(struct virtio_device *dev, uint16_t index)
{
    struct virtio_queue *q;

    if (!virtio_queue_running(dev, index)) {
        return 0;
    }
    q = &dev->queues[index];
    stop_taking(q);
    while (q->running && is_busy(q)) {
        aio_poll(dev->ctx, true);
    }
    return close_queue(q);
}

void virtio_memory_changed(struct virtio_device *dev)
{
    for (uint16_t i = 0; i < dev->n_queues; i++) {
        struct virtio_queue *q = &dev->queues[i];

        if (q->running && !dev->broken && vq_remap(&q->vq, dev->gm)) {
            virtio_broken(dev, "queue %u: %s", i, vq_error(&q->vq));
        }
    }
}

/* All queues are stopped: the device is as it was after realize. */
static void finish_reset(struct virtio_device *dev)
{
    dev->features = 0;
    dev->status = 0;
    dev->broken = false;
    dev->generation++;
    dev->resets++;
    if (dev->class->reset) {
        dev->class->reset(dev->state);
    }
}

static void stop_all_taking(struct virtio_device *dev)
{
    for (uint16_t i = 0; i < dev->n_queues; i++) {
        stop_taking(&dev->queues[i]);
    }
}

/*
 * While requests are waited for, another vCPU may reset the device too, and set it up again: then
 * the reset that began first has nothing left to do.
 */
void no_coroutine_fn virtio_reset(struct virtio_device *dev)
{
    unsigned resets = dev->resets;

    stop_all_taking(dev);
    for (uint16_t i = 0; i < dev->n_queues && resets == dev->resets; i++) {
        virtio_queue_stop(dev, i);
    }
    if (resets == dev->resets) {
        finish_reset(dev);
    }
}

void coroutine_fn co_virtio_reset(struct virtio_device *dev)
{
    unsigned resets = dev->resets;

    stop_all_taking(dev);
    for (uint16_t i = 0; i < dev->n_queues && resets == dev->resets; i++) {
        co_virtio_queue_stop(dev, i);
    }
    if (resets == dev->resets) {
        finish_reset(dev);
    }
}
