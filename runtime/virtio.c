/*
 * The virtio device: features, status machine, configuration space.
 *
 * Requests and queues are in virtio_queue.c. A rule that the driver broke ends in virtio_broken:
 * logged once, though not more than a few times a second over all resets, and told to the driver.
 */
#include "virtio_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_MAX 256

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
    uint16_t asked;

    if (n_queues == 0 || n_queues > class->max_queues) {
        virtio_fail(error, -EINVAL, "a %s device has 1 to %u queues, not %u", class->name,
                    class->max_queues, n_queues);
        return NULL;
    }
    asked = n_queues;
    if (class->n_virtqueues) {
        n_queues = class->n_virtqueues(asked, options);
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
    if (class->realize(dev->state, dev, asked, options, error)) {
        free(dev->state);
        free(dev);
        return NULL;
    }
    return dev;
}

void no_coroutine_fn virtio_device_free(struct virtio_device *dev)
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

/* ---- features and status ----------------------------------------------------------- */

uint64_t virtio_offered(const struct virtio_device *dev)
{
    return dev->class->features(dev->state) | UINT64_C(1) << F_INDIRECT_DESC |
           UINT64_C(1) << F_EVENT_IDX | UINT64_C(1) << F_VERSION_1 |
           (uint64_t)dev->packed << VIRTIO_F_RING_PACKED | (dev->ops ? dev->ops->features : 0);
}

void virtio_offer_packed(struct virtio_device *dev)
{
    dev->packed = true;
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

/* ---- configuration space ----------------------------------------------------------- */

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
