/*
 * Traffic of a device's own: the one coroutine of a queue that has it, its chains, and the waits that
 * a stop of the queue ends.
 *
 * Life of the coroutine: the first kick of a queue starts it, and it ends by itself when the queue
 * stops, because every wait says so from then on. Whoever stops the queue waits for that end, as for
 * requests in flight. Chains that it has taken are in the queue's list, so what it leaves there when
 * it ends is given back like everything else.
 *
 * While the coroutine is not waiting for a chain, the driver need not kick.
 */
#include "virtio_impl.h"

#include <errno.h>

#include "co_io.h"

/* One wait, in the frame of the coroutine that waits. */
struct virtio_wait {
    struct virtio_wait *next;
    uint64_t number;            /* in order of their beginning */
    bool for_chain;             /* ended by a kick, not by virtio_wake */
    QemuCoSleep sleep;
    struct co_poll_wait poll;
};

static void begin_wait(struct virtio_queue *q, struct virtio_wait *wait)
{
    wait->number = q->n_waits++;
    wait->next = q->waits;
    q->waits = wait;
}

static void end_wait(struct virtio_queue *q, struct virtio_wait *wait)
{
    struct virtio_wait **link = &q->waits;

    while (*link != wait) {
        link = &(*link)->next;
    }
    *link = wait->next;
}

/* The wait begun last, of those before `limit` that are not being ended already. */
static struct virtio_wait *wait_before(struct virtio_queue *q, uint64_t limit, bool for_chain,
                                       bool for_other)
{
    struct virtio_wait *wait = q->waits;

    while (wait && (wait->number >= limit || !(wait->for_chain ? for_chain : for_other) ||
                    !(wait->poll.io || wait->sleep.to_wake))) {
        wait = wait->next;
    }
    return wait;
}

/* Ends the waits, one after the other: what runs then may end others, and begin some that stay. */
static void wake_all(struct virtio_queue *q, bool for_chain, bool for_other)
{
    uint64_t limit = q->n_waits;
    struct virtio_wait *wait;

    while ((wait = wait_before(q, limit, for_chain, for_other))) {
        co_poll_wake(&wait->poll);
        qemu_co_sleep_wake(&wait->sleep);
    }
}

/* ---- waiting ----------------------------------------------------------- */

static void poll_too_long(void *opaque)
{
    co_poll_wake(opaque);
}

int coroutine_fn co_virtio_poll(struct virtio_device *dev, uint16_t queue, int fd, int events,
                                int64_t timeout_ns)
{
    struct virtio_queue *q = &dev->queues[queue];
    struct virtio_wait wait = { .for_chain = false };
    struct loop_timer timer;
    int r;

    if (!virtio_queue_goes_on(q)) {
        return -ECANCELED;
    }
    loop_timer_init(&timer, dev->ctx, poll_too_long, &wait.poll);
    if (timeout_ns >= 0) {
        loop_timer_set(&timer, loop_now_ns() + timeout_ns);
    }
    begin_wait(q, &wait);
    r = co_poll_wakeable(&wait.poll, fd, events);
    end_wait(q, &wait);
    loop_timer_cancel(&timer);
    if (!virtio_queue_goes_on(q)) {
        return -ECANCELED;
    }
    return r == -ECANCELED ? 0 : r;
}

bool coroutine_fn co_virtio_sleep(struct virtio_device *dev, uint16_t queue, int64_t ns)
{
    struct virtio_queue *q = &dev->queues[queue];
    struct virtio_wait wait = { .for_chain = false };

    if (!virtio_queue_goes_on(q)) {
        return false;
    }
    begin_wait(q, &wait);
    qemu_co_sleep_ns_wakeable(&wait.sleep, QEMU_CLOCK_REALTIME, ns);
    end_wait(q, &wait);
    return virtio_queue_goes_on(q);
}

bool coroutine_fn co_virtio_wait(struct virtio_device *dev, uint16_t queue)
{
    struct virtio_queue *q = &dev->queues[queue];
    struct virtio_wait wait = { .for_chain = false };

    if (virtio_queue_goes_on(q) && !q->woken) {
        begin_wait(q, &wait);
        qemu_co_sleep(&wait.sleep);
        end_wait(q, &wait);
    }
    q->woken = false;
    return virtio_queue_goes_on(q);
}

void virtio_wake(struct virtio_device *dev, uint16_t queue)
{
    dev->queues[queue].woken = true;
    wake_all(&dev->queues[queue], false, true);
}

/* ---- chains ----------------------------------------------------------- */

static void keep(struct virtio_queue *q, struct vq_chain *chain)
{
    *q->taken_end = chain;
    q->taken_end = &chain->next;
    q->n_taken++;
}

/* No chain is there: waits until one may be. */
static void coroutine_fn wait_for_chain(struct virtio_queue *q)
{
    struct virtio_wait wait = { .for_chain = true };

    begin_wait(q, &wait);
    qemu_co_sleep(&wait.sleep);
    end_wait(q, &wait);
}

/* Others get their turn after a ring's worth of chains. */
static void coroutine_fn share_the_loop(struct virtio_queue *q)
{
    if (q->taken_in_turn++ >= q->vq.config.num) {
        q->taken_in_turn = 0;
        aio_co_schedule(q->dev->ctx, qemu_coroutine_self());
        qemu_coroutine_yield();
    }
}

struct vq_chain *coroutine_fn co_virtio_take(struct virtio_device *dev, uint16_t queue)
{
    struct virtio_queue *q = &dev->queues[queue];

    share_the_loop(q);
    while (virtio_queue_goes_on(q)) {
        struct vq_chain *chain = NULL;
        int r = vq_pop(&q->vq, &chain);

        if (r > 0) {
            keep(q, chain);
            return chain;
        }
        if (r < 0) {
            virtio_broken(dev, "queue %u: %s", queue, vq_error(&q->vq));
        } else if (!vq_kicks_on(&q->vq)) {
            wait_for_chain(q);
            vq_kicks_off(&q->vq);
            q->taken_in_turn = 0;
        }
    }
    return NULL;
}

unsigned virtio_n_taken(const struct virtio_device *dev, uint16_t queue)
{
    return dev->queues[queue].n_taken;
}

size_t virtio_room(const struct virtio_device *dev, uint16_t queue)
{
    size_t room = 0;

    for (const struct vq_chain *chain = dev->queues[queue].taken; chain; chain = chain->next) {
        room += chain_in_left(chain);
    }
    return room;
}

bool virtio_put(struct virtio_device *dev, uint16_t queue, const void *data, size_t size)
{
    const char *from = data;

    if (size > virtio_room(dev, queue)) {
        return false;
    }
    for (struct vq_chain *chain = dev->queues[queue].taken; size; chain = chain->next) {
        size_t here = chain_in_left(chain) < size ? chain_in_left(chain) : size;

        chain_put(chain, from, here);
        from += here;
        size -= here;
    }
    return true;
}

void virtio_give_back(struct virtio_device *dev, uint16_t queue)
{
    struct virtio_queue *q = &dev->queues[queue];
    struct vq_chain *first = q->taken;

    q->taken = NULL;
    q->taken_end = &q->taken;
    q->n_taken = 0;
    if (!first) {
        return;
    }
    if (dev->broken) {
        vq_discard_all(first);
    } else {
        vq_push_all(first);
        virtio_schedule_signal(q);
    }
}

/* ---- the coroutine ----------------------------------------------------------- */

static void coroutine_fn traffic(void *opaque)
{
    struct virtio_queue *q = opaque;

    q->dev->class->traffic(q->dev->state, q->index);
    virtio_give_back(q->dev, q->index);
    q->traffic = TRAFFIC_ENDED;
    qemu_co_queue_restart_all(&q->idle);
}

void virtio_traffic_prepare(struct virtio_queue *q)
{
    const struct virtio_class *class = q->dev->class;
    bool has = class->has_traffic ? class->has_traffic(q->dev->state, q->index)
                                  : class->traffic != NULL;

    q->traffic = has ? TRAFFIC_WANTED : TRAFFIC_NONE;
    q->woken = false;
    q->taken = NULL;
    q->taken_end = &q->taken;
    q->n_taken = q->taken_in_turn = 0;
}

void virtio_traffic_kick(struct virtio_queue *q)
{
    if (q->traffic == TRAFFIC_WANTED) {
        q->traffic = TRAFFIC_RUNNING;
        vq_kicks_off(&q->vq);
        qemu_coroutine_enter(qemu_coroutine_create(traffic, q));
    } else {
        wake_all(q, true, false);
    }
}

void virtio_traffic_stop(struct virtio_queue *q)
{
    wake_all(q, true, true);
}
