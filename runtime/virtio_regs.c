/*
 * virtio_regs.c - see virtio_regs.h.
 */
#include "virtio_regs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"

static void on_kick(void *opaque)
{
    struct virtio_regs_queue *q = opaque;
    uint64_t count;

    if (read(q->kick_fd, &count, sizeof count) == sizeof count)
        virtio_queue_kick(q->regs->dev, q->index);
}

int virtio_regs_eventfd(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0) {
        log_error("virtio", "cannot create an eventfd: too many files are open");
        abort();
    }
    return fd;
}

static void forget_queue(struct virtio_regs_queue *q)
{
    q->num = virtio_queue_max(q->regs->dev, q->index);
    q->desc = q->driver = q->device = 0;
    q->ready = false;
}

static void forget_driver(struct virtio_regs *r)
{
    r->device_features_sel = r->driver_features_sel = r->queue_sel = 0;
    r->driver_features = 0;
    for (uint16_t i = 0; i < r->n_queues; i++)
        forget_queue(&r->queues[i]);
}

void virtio_regs_init(struct virtio_regs *r, struct virtio_device *dev)
{
    memset(r, 0, sizeof *r);
    r->dev = dev;
    r->n_queues = virtio_n_queues(dev);
    r->queues = calloc(r->n_queues, sizeof r->queues[0]);
    if (r->queues == NULL)
        abort();
    for (uint16_t i = 0; i < r->n_queues; i++) {
        struct virtio_regs_queue *q = &r->queues[i];

        q->regs = r;
        q->index = i;
        q->kick_fd = virtio_regs_eventfd();
        aio_set_fd_handler(virtio_context(dev), q->kick_fd, on_kick, q);
    }
    forget_driver(r);
}

void virtio_regs_free(struct virtio_regs *r)
{
    for (uint16_t i = 0; i < r->n_queues; i++) {
        aio_set_fd_handler(virtio_context(r->dev), r->queues[i].kick_fd, NULL, NULL);
        close(r->queues[i].kick_fd);
    }
    free(r->queues);
}

struct virtio_regs_queue *virtio_regs_selected(struct virtio_regs *r)
{
    return r->queue_sel < r->n_queues ? &r->queues[r->queue_sel] : NULL;
}

uint32_t virtio_regs_offered(const struct virtio_regs *r)
{
    unsigned half = r->device_features_sel;

    return half > 1 ? 0 : (uint32_t)(virtio_offered(r->dev) >> (32 * half));
}

uint32_t virtio_regs_accepted(const struct virtio_regs *r)
{
    unsigned half = r->driver_features_sel;

    return half > 1 ? 0 : (uint32_t)(r->driver_features >> (32 * half));
}

void virtio_regs_accept(struct virtio_regs *r, uint32_t value)
{
    unsigned half = r->driver_features_sel;

    if (virtio_status(r->dev) & VIRTIO_S_FEATURES_OK) {
        virtio_broken(r->dev, "features written after FEATURES_OK");
    } else if (half <= 1) {
        r->driver_features &= ~(UINT64_C(0xffffffff) << (32 * half));
        r->driver_features |= (uint64_t)value << (32 * half);
    } else if (value != 0) {
        virtio_broken(r->dev, "features selected by %u", half);
    }
}

static void start_queue(struct virtio_regs_queue *q)
{
    struct virtio_device *dev = q->regs->dev;
    struct vq_config config = {(uint16_t)q->num, q->desc, q->driver, q->device};
    uint16_t start = virtio_has_feature(dev, VIRTIO_F_RING_PACKED) ? VQ_PACKED_START : 0;

    if (q->num == 0 || q->num > UINT16_MAX)
        virtio_broken(dev, "queue %u: size %u", q->index, q->num);
    else if (virtio_queue_start(dev, q->index, &config, start, NULL) == 0)
        virtio_queue_kick(dev, q->index);
}

bool virtio_regs_set_status(struct virtio_regs *r, uint32_t value)
{
    uint8_t old = virtio_status(r->dev), now;

    if (value > 0xff) {
        virtio_broken(r->dev, "status 0x%x", value);
        return false;
    }
    if ((value & ~old & VIRTIO_S_FEATURES_OK) && virtio_set_features(r->dev, r->driver_features)) {
        value &= ~(uint32_t)VIRTIO_S_FEATURES_OK;   /* the driver reads back that it was refused */
        if (value == 0)
            return false;                           /* which is no reset */
    }
    virtio_set_status(r->dev, (uint8_t)value);
    now = virtio_status(r->dev);
    if (now == 0) {
        forget_driver(r);
    } else if (now & ~old & VIRTIO_S_DRIVER_OK) {
        for (uint16_t i = 0; i < r->n_queues; i++) {
            if (r->queues[i].ready)
                start_queue(&r->queues[i]);
        }
    }
    return now == 0;
}

/* The selected queue, when it may be programmed. */
static struct virtio_regs_queue *programmable(struct virtio_regs *r)
{
    struct virtio_regs_queue *q = virtio_regs_selected(r);

    if (q == NULL || !q->ready)
        return q;
    virtio_broken(r->dev, "queue %u re-programmed while it is ready", q->index);
    return NULL;
}

void virtio_regs_set_num(struct virtio_regs *r, uint32_t value)
{
    struct virtio_regs_queue *q = programmable(r);

    if (q != NULL)
        q->num = value;
}

void virtio_regs_set_address(struct virtio_regs *r, enum virtio_regs_address which, bool high,
                             uint32_t value)
{
    struct virtio_regs_queue *q = programmable(r);
    uint64_t *address, mask = high ? 0xffffffff : UINT64_C(0xffffffff) << 32;

    if (q == NULL)
        return;
    address = which == VIRTIO_REGS_DESC ? &q->desc
              : which == VIRTIO_REGS_DRIVER ? &q->driver : &q->device;
    *address = (*address & mask) | (high ? (uint64_t)value << 32 : value);
}

void virtio_regs_set_ready(struct virtio_regs *r)
{
    struct virtio_regs_queue *q = virtio_regs_selected(r);

    if (q == NULL || q->ready || q->resetting)
        return;
    q->ready = true;
    if (virtio_status(r->dev) & VIRTIO_S_DRIVER_OK)
        start_queue(q);
}

void virtio_regs_stop(struct virtio_regs *r)
{
    struct virtio_regs_queue *q = virtio_regs_selected(r);

    if (q == NULL)
        return;
    virtio_queue_stop(r->dev, q->index);
    q->ready = false;
}

void virtio_regs_reset_queue(struct virtio_regs *r)
{
    struct virtio_regs_queue *q = virtio_regs_selected(r);

    if (q == NULL || q->resetting || !virtio_has_feature(r->dev, VIRTIO_F_RING_RESET))
        return;
    q->resetting = true;
    virtio_queue_stop(r->dev, q->index);
    q->resetting = false;
    forget_queue(q);
}

void virtio_regs_kick(struct virtio_regs *r, uint32_t q)
{
    r->kicks++;
    virtio_queue_kick(r->dev, q > UINT16_MAX ? UINT16_MAX : (uint16_t)q);
}
