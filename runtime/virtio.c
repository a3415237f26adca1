/*
 * The virtio device: requests, features, status machine, configuration space, reset.
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
#include "virtio_device.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define F_INDIRECT_DESC     28
#define F_EVENT_IDX         29
#define F_VERSION_1         32

#define CONFIG_MAX 256

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

int virtio_fail(struct virtio_error *error, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return code;
}

struct virtio_device *virtio_device_new(const struct virtio_class *class, const char *name,
                                        AioContext *ctx, struct guestmem *gm, uint16_t n_queues,
                                        const struct virtio_config_values *options,
                                        struct virtio_error *error)
{
    struct virtio_device *dev;

    if (n_queues == 0 || n_queues > class->max_queues) {
        virtio_fail(error, -EINVAL, "a %s device has 1 to %u queues, not %u", class->name,
                    class->max_queues, n_queues);
        return NULL;
    }
    dev = calloc(1, sizeof *dev + n_queues * sizeof dev->queues[0]);
    if (!dev || !(dev->state = calloc(1, class->state_size))) {
        virtio_fail(error, -ENOMEM, "out of memory");
        free(dev);
        return NULL;
    }
    dev->class = class;
    snprintf(dev->name, sizeof dev->name, "%s", name);
    dev->ctx = ctx;
    dev->gm = gm;
    dev->n_queues = n_queues;
    for (uint16_t i = 0; i < n_queues; i++) {
        dev->queues[i].dev = dev;
        dev->queues[i].index = i;
        dev->queues[i].vq.owner = &dev->queues[i];
        qemu_co_queue_init(&dev->queues[i].idle);
    }
    if (class->realize(dev->state, dev, n_queues, options, error)) {
        free(dev->state);
        free(dev);
        return NULL;
    }
    return dev;
}

void virtio_device_free(struct virtio_device *dev)
{
    virtio_reset(dev);
    while (dev->bottom_halves) {
        aio_poll(dev->ctx, true);
    }
    dev->class->unrealize(dev->state);
    free(dev->state);
    free(dev);
}

void virtio_attach(struct virtio_device *dev, const struct virtio_transport *ops, void *transport)
{
    dev->ops = ops;
    dev->transport = transport;
}

const struct virtio_class *virtio_class_of(const struct virtio_device *dev)
{
    return dev->class;
}

uint16_t virtio_n_queues(const struct virtio_device *dev)
{
    return dev->n_queues;
}

AioContext *virtio_context(const struct virtio_device *dev)
{
    return dev->ctx;
}

struct guestmem *virtio_memory(const struct virtio_device *dev)
{
    return dev->gm;
}

/* ---- features and status ---------------------------------------------------------------------- */

uint64_t virtio_offered(const struct virtio_device *dev)
{
    return dev->class->features(dev->state) | UINT64_C(1) << F_INDIRECT_DESC |
           UINT64_C(1) << F_EVENT_IDX | UINT64_C(1) << F_VERSION_1;
}

uint64_t virtio_features(const struct virtio_device *dev)
{
    return dev->features;
}

bool virtio_has_feature(const struct virtio_device *dev, unsigned bit)
{
    return dev->features >> bit & 1;
}

int virtio_set_features(struct virtio_device *dev, uint64_t features)
{
    if (features & ~virtio_offered(dev)) {
        return -EINVAL;
    }
    for (uint16_t i = 0; i < dev->n_queues; i++) {
        if (dev->queues[i].running && features != dev->features) {
            return -EBUSY;
        }
    }
    dev->features = features;
    if (dev->class->negotiated) {
        dev->class->negotiated(dev->state, features);
    }
    return 0;
}

uint8_t virtio_status(const struct virtio_device *dev)
{
    return dev->status;
}

bool virtio_is_broken(const struct virtio_device *dev)
{
    return dev->broken;
}

void virtio_broken(struct virtio_device *dev, const char *format, ...)
{
    char reason[160];
    uint64_t suppressed;
    va_list args;

    if (dev->broken) {
        return;
    }
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    if (log_allowed(&dev->complaints, 5, &suppressed)) {
        log_error("virtio", "%s: the driver broke the rules, the device stops until a reset: %s",
                  dev->name, reason);
    }
    dev->broken = true;
    dev->status |= VIRTIO_S_NEEDS_RESET;
    if (dev->ops) {
        dev->ops->signal_broken(dev->transport);
    }
}

void virtio_set_status(struct virtio_device *dev, uint8_t status)
{
    uint8_t old = dev->status;

    if (status == 0) {
        virtio_reset(dev);
        return;
    }
    if (old & ~status & ~VIRTIO_S_NEEDS_RESET) {
        virtio_broken(dev, "status bits 0x%x cleared without a reset", old & ~status);
        return;
    }
    if (!(dev->features >> F_VERSION_1 & 1) && !(old & VIRTIO_S_FEATURES_OK)) {
        status &= (uint8_t)~VIRTIO_S_FEATURES_OK;
    }
    if ((status & VIRTIO_S_DRIVER_OK) && !(status & VIRTIO_S_FEATURES_OK)) {
        virtio_broken(dev, "DRIVER_OK without FEATURES_OK");
        return;
    }
    dev->status = status | (old & VIRTIO_S_NEEDS_RESET);
}

/* ---- configuration space ---------------------------------------------------------------------- */

void virtio_config_read(struct virtio_device *dev, uint32_t offset, void *data, uint32_t size)
{
    uint8_t config[CONFIG_MAX] = { 0 };
    uint32_t have = (uint32_t)dev->class->config_size;

    dev->class->get_config(dev->state, config);
    memset(data, 0, size);
    if (offset < have) {
        memcpy(data, config + offset, size < have - offset ? size : have - offset);
    }
}

bool virtio_config_write(struct virtio_device *dev, uint32_t offset, const void *data,
                         uint32_t size)
{
    uint8_t config[CONFIG_MAX] = { 0 };
    uint32_t have = (uint32_t)dev->class->config_size;

    if (!dev->class->set_config || offset > have || size > have - offset) {
        return false;
    }
    dev->class->get_config(dev->state, config);
    memcpy(config + offset, data, size);
    dev->class->set_config(dev->state, config);
    return true;
}

uint32_t virtio_config_generation(const struct virtio_device *dev)
{
    return dev->generation;
}

void virtio_config_changed(struct virtio_device *dev)
{
    dev->generation++;
    if (dev->ops) {
        dev->ops->signal_config(dev->transport);
    }
}

/* ---- requests --------------------------------------------------------------------------------- */

static void send_signal(void *opaque)
{
    struct virtio_queue *q = opaque;

    q->signal_scheduled = false;
    q->dev->bottom_halves--;
    if (q->running && q->dev->ops && vq_should_signal(&q->vq)) {
        q->dev->ops->signal_queue(q->dev->transport, q->index);
    }
}

static void schedule_signal(struct virtio_queue *q)
{
    if (!q->signal_scheduled) {
        q->signal_scheduled = true;
        q->dev->bottom_halves++;
        aio_bh_schedule_oneshot(q->dev->ctx, send_signal, q);
    }
}

static void complete(struct virtio_queue *q, struct vq_chain *chain)
{
    if (q->dev->broken) {
        vq_discard(chain);
        return;
    }
    vq_push(chain);
    schedule_signal(q);
}

/* The coroutine of one request. */
static void coroutine_fn request(void *opaque)
{
    struct vq_chain *chain = opaque;
    struct virtio_queue *q = chain->vq->owner;

    q->dev->class->request(q->dev->state, q->index, chain);
    complete(q, chain);
    if (q->vq.n_in_flight == 0) {
        qemu_co_queue_restart_all(&q->idle);
    }
}

/* Pops chains until there is none; at most a ring's worth, so that other queues get their turn. */
static int take_chains(struct virtio_queue *q)
{
    for (unsigned n = 0; n < q->vq.config.num; n++) {
        struct vq_chain *chain = NULL;
        int r = vq_pop(&q->vq, &chain);

        if (r <= 0) {
            return r;
        }
        qemu_coroutine_enter(qemu_coroutine_create(request, chain));
        if (!q->running || q->stopping || q->dev->broken) {
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
    int r;

    if (index >= dev->n_queues || dev->broken) {
        return;
    }
    q = &dev->queues[index];
    if (!q->running || q->stopping) {
        return;
    }
    vq_kicks_off(&q->vq);
    do {
        r = take_chains(q);
    } while (r == 0 && q->running && !q->stopping && !dev->broken && vq_kicks_on(&q->vq));
    if (r < 0) {
        virtio_broken(dev, "queue %u: %s", index, vq_error(&q->vq));
    } else if (r > 0) {
        dev->bottom_halves++;
        aio_bh_schedule_oneshot(dev->ctx, kick_again, q);
    }
}

/* ---- queues and reset ------------------------------------------------------------------------- */

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
    q->vq.indirect = virtio_has_feature(dev, F_INDIRECT_DESC);
    q->vq.event_idx = virtio_has_feature(dev, F_EVENT_IDX);
    r = vq_start(&q->vq, dev->gm, config, last_avail, inflight);
    if (r) {
        virtio_broken(dev, "queue %u: %s", index, vq_error(&q->vq));
        return r;
    }
    q->running = true;
    q->stopping = false;
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
    q->running = q->stopping = false;
    vq_stop(&q->vq);
    return last_avail;
}

uint16_t coroutine_fn co_virtio_queue_stop(struct virtio_device *dev, uint16_t index)
{
    struct virtio_queue *q;

    if (!virtio_queue_running(dev, index)) {
        return 0;
    }
    q = &dev->queues[index];
    q->stopping = true;
    while (q->running && q->vq.n_in_flight) {
        qemu_co_queue_wait(&q->idle, NULL);
    }
    return close_queue(q);
}

uint16_t virtio_queue_stop(struct virtio_device *dev, uint16_t index)
{
    struct virtio_queue *q;

    if (!virtio_queue_running(dev, index)) {
        return 0;
    }
    q = &dev->queues[index];
    q->stopping = true;
    while (q->running && q->vq.n_in_flight) {
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

static void stop_taking(struct virtio_device *dev)
{
    for (uint16_t i = 0; i < dev->n_queues; i++) {
        dev->queues[i].stopping = dev->queues[i].running;
    }
}

/*
 * While requests are waited for, another vCPU may reset the device too, and set it up again: then
 * the reset that began first has nothing left to do.
 */
void virtio_reset(struct virtio_device *dev)
{
    unsigned resets = dev->resets;

    stop_taking(dev);
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

    stop_taking(dev);
    for (uint16_t i = 0; i < dev->n_queues && resets == dev->resets; i++) {
        co_virtio_queue_stop(dev, i);
    }
    if (resets == dev->resets) {
        finish_reset(dev);
    }
}
