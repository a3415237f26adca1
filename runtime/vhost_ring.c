/*
 * Rings of the vhost-user back end: set up by messages, started, kicked, signalled, stopped.
 *
 * A ring runs while it has a size, addresses, a kick descriptor and is enabled, whichever of these
 * comes last. Without the protocol-features bit every ring is enabled from the start; User-mode
 * Linux drops that bit in a second SET_FEATURES, so it is asked when a ring might start.
 *
 * Kick and call descriptors are eventfds or pipes, and are never waited for: one that is full holds
 * a signal already. That they do not block is a flag that the front end shares, and may take back;
 * so kicks are read with RWF_NOWAIT, where the kernel can, and it is set again before each call.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vhost_user_impl.h"

#define RING_INDEX  0xffu
#define RING_NO_FD  0x100u

/* What is in VRING_NUM, BASE and ENABLE. */
struct ring_state {
    uint32_t index, value;
};

struct ring_address {
    uint32_t index, flags;
    uint64_t desc, used, avail, log;
};

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

static void drop_kick(struct vhost_ring *ring)
{
    if (ring->kick_fd >= 0) {
        aio_set_fd_handler(virtio_context(ring->vu->dev), ring->kick_fd, NULL, NULL);
        close_fd(&ring->kick_fd);
    }
}

/* As read(2), but never waits: the front end may have taken the kick back itself. */
static ssize_t read_now(int fd, uint64_t *count)
{
    struct iovec piece = { count, sizeof *count };
    ssize_t n = preadv2(fd, &piece, 1, -1, RWF_NOWAIT);

    if (n < 0 && (errno == EOPNOTSUPP || errno == ENOSYS)) {
        n = read(fd, count, sizeof *count);     /* a pipe, before Linux 6.5 */
    }
    return n;
}

static void on_kick(void *opaque)
{
    struct vhost_ring *ring = opaque;
    uint64_t count;
    ssize_t n = read_now(ring->kick_fd, &count);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        vhost_complain(ring->vu, "the kick descriptor of queue %u ended", ring->index);
        drop_kick(ring);
        return;
    }
    virtio_queue_kick(ring->vu->dev, ring->index);
}

static void write_one(int fd)
{
    uint64_t one = 1;

    if (fd >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && write(fd, &one, sizeof one) < 0) {
        return;                 /* full, so the peer has been told; or gone, and we hear of it */
    }
}

static void signal_queue(void *transport, uint16_t queue)
{
    write_one(((struct vhost_user *)transport)->rings[queue].call_fd);
}

/* VHOST_USER_BACKEND_CONFIG_CHANGE_MSG: a header alone, small enough never to be sent by half. */
static void signal_config(void *transport)
{
    struct vhost_user *vu = transport;
    uint32_t header[3] = { 2, VHOST_VERSION, 0 };

    if (vu->backend_fd >= 0 && vu->protocol_features >> VHOST_P_CONFIG & 1 &&
        write(vu->backend_fd, header, sizeof header) != sizeof header) {
        vhost_complain(vu, "the front end does not take a configuration change");
    }
}

static void signal_broken(void *transport)
{
    struct vhost_user *vu = transport;

    for (uint16_t i = 0; i < vu->n_rings; i++) {
        write_one(vu->rings[i].err_fd);
    }
}

const struct virtio_transport vhost_transport = {
    .signal_queue = signal_queue,
    .signal_config = signal_config,
    .signal_broken = signal_broken,
};

static void init_ring(struct vhost_user *vu, uint16_t index)
{
    struct vhost_ring *ring = &vu->rings[index];

    memset(ring, 0, sizeof *ring);
    ring->vu = vu;
    ring->index = index;
    ring->kick_fd = ring->call_fd = ring->err_fd = -1;
}

void vhost_rings_init(struct vhost_user *vu)
{
    for (uint16_t i = 0; i < vu->n_rings; i++) {
        init_ring(vu, i);
    }
}

void coroutine_fn co_vhost_rings_reset(struct vhost_user *vu)
{
    for (uint16_t i = 0; i < vu->n_rings; i++) {
        drop_kick(&vu->rings[i]);
    }
    co_virtio_reset(vu->dev);
    for (uint16_t i = 0; i < vu->n_rings; i++) {
        close_fd(&vu->rings[i].call_fd);
        close_fd(&vu->rings[i].err_fd);
        init_ring(vu, i);
    }
}

/* Starts the ring when nothing is missing any more, and takes what is in it already. */
static int start_if_ready(struct vhost_ring *ring)
{
    struct vhost_user *vu = ring->vu;
    struct guestmem_map *map;
    struct vq_config config;
    bool found;
    int r;

    if (ring->num == 0 || !ring->has_address || ring->kick_fd < 0 ||
        (vu->protocol && !ring->enabled) || virtio_queue_running(vu->dev, ring->index)) {
        return 0;
    }
    map = guestmem_hold(vu->memory);
    found = guestmem_gpa_of_uva(map, ring->desc, &config.desc) &&
            guestmem_gpa_of_uva(map, ring->avail, &config.avail) &&
            guestmem_gpa_of_uva(map, ring->used, &config.used);
    guestmem_drop(map);
    if (!found) {
        return -EFAULT;
    }
    config.num = (uint16_t)ring->num;
    r = virtio_queue_start(vu->dev, ring->index, &config, ring->base,
                           vhost_ring_inflight(vu, ring->index));
    if (r == 0) {
        virtio_queue_kick(vu->dev, ring->index);
    }
    return r;
}

/* The ring that a message is about; NULL when there is none. */
static struct vhost_ring *find_ring(struct vhost_user *vu, uint32_t index)
{
    return index < vu->n_rings ? &vu->rings[index] : NULL;
}

/* The same for messages that set a ring up, which may not run then. */
static struct vhost_ring *find_stopped(struct vhost_user *vu, uint32_t index)
{
    struct vhost_ring *ring = find_ring(vu, index);

    return ring && !virtio_queue_running(vu->dev, ring->index) ? ring : NULL;
}

static struct ring_state get_state(const struct vhost_message *message)
{
    struct ring_state state;

    memcpy(&state, message->payload, sizeof state);
    return state;
}

int coroutine_fn vhost_set_vring_num(struct vhost_user *vu, struct vhost_message *message,
                                     int *reply_fd)
{
    struct ring_state state = get_state(message);
    struct vhost_ring *ring = find_stopped(vu, state.index);

    (void)reply_fd;
    if (!ring || state.value == 0 || state.value > virtio_queue_max(vu->dev, ring->index)) {
        return -EINVAL;
    }
    ring->num = state.value;
    return start_if_ready(ring);
}

int coroutine_fn vhost_set_vring_addr(struct vhost_user *vu, struct vhost_message *message,
                                      int *reply_fd)
{
    struct ring_address address;
    struct vhost_ring *ring;

    (void)reply_fd;
    memcpy(&address, message->payload, sizeof address);
    ring = find_ring(vu, address.index);
    if (!ring) {
        return -EINVAL;
    }
    if (virtio_queue_running(vu->dev, ring->index)) {
        bool same = address.desc == ring->desc && address.used == ring->used &&
                    address.avail == ring->avail;

        return same ? 0 : -EBUSY;
    }
    ring->desc = address.desc;
    ring->used = address.used;
    ring->avail = address.avail;
    ring->has_address = true;
    return start_if_ready(ring);
}

static bool is_packed(const struct vhost_user *vu)
{
    return virtio_has_feature(vu->dev, VIRTIO_F_RING_PACKED);
}

/* Of a packed ring the position of used descriptors is in the high half; nothing was in flight. */
static bool is_packed_base(const struct vhost_user *vu, uint32_t value)
{
    return is_packed(vu) && value >> 16 == (value & 0xffff);
}

int coroutine_fn vhost_set_vring_base(struct vhost_user *vu, struct vhost_message *message,
                                      int *reply_fd)
{
    struct ring_state state = get_state(message);
    struct vhost_ring *ring = find_stopped(vu, state.index);

    (void)reply_fd;
    if (!ring || (state.value > UINT16_MAX && !is_packed_base(vu, state.value))) {
        return -EINVAL;
    }
    ring->base = (uint16_t)state.value;
    return 0;
}

/* A driver's fault lasts until the front end has stopped every ring: it starts anew after that. */
static void coroutine_fn repair_when_stopped(struct vhost_user *vu)
{
    uint64_t features = virtio_features(vu->dev);

    for (uint16_t i = 0; i < vu->n_rings; i++) {
        if (vu->rings[i].kick_fd >= 0) {
            return;
        }
    }
    if (virtio_is_broken(vu->dev)) {
        co_virtio_reset(vu->dev);
        virtio_set_features(vu->dev, features);
    }
}

int coroutine_fn vhost_get_vring_base(struct vhost_user *vu, struct vhost_message *message,
                                      int *reply_fd)
{
    struct ring_state state = get_state(message);
    struct vhost_ring *ring = find_ring(vu, state.index);

    (void)reply_fd;
    if (!ring) {
        return -EINVAL;
    }
    drop_kick(ring);
    if (virtio_queue_running(vu->dev, ring->index)) {
        ring->base = co_virtio_queue_stop(vu->dev, ring->index);
    }
    repair_when_stopped(vu);
    state.value = is_packed(vu) ? ring->base * 0x10001u : ring->base;
    memcpy(message->payload, &state, sizeof state);
    message->size = sizeof state;
    return 0;
}

int coroutine_fn vhost_set_vring_enable(struct vhost_user *vu, struct vhost_message *message,
                                        int *reply_fd)
{
    struct ring_state state = get_state(message);
    struct vhost_ring *ring = find_ring(vu, state.index);

    (void)reply_fd;
    if (!ring || state.value > 1) {
        return -EINVAL;
    }
    ring->enabled = state.value;
    if (!ring->enabled && virtio_queue_running(vu->dev, ring->index)) {
        ring->base = co_virtio_queue_stop(vu->dev, ring->index);
    }
    return start_if_ready(ring);
}

/* Ring and descriptor of KICK, CALL and ERR. *fd is -1 when the message says that there is none. */
static struct vhost_ring *take_ring_fd(struct vhost_user *vu, struct vhost_message *message,
                                       int *fd)
{
    uint64_t value;
    struct vhost_ring *ring;

    memcpy(&value, message->payload, sizeof value);
    ring = find_ring(vu, value & RING_INDEX);
    if (!ring || value & ~(uint64_t)(RING_INDEX | RING_NO_FD) ||
        message->n_fds != (value & RING_NO_FD ? 0 : 1)) {
        return NULL;
    }
    *fd = -1;
    if (message->n_fds) {
        *fd = vhost_take_fd(message, 0);
        fcntl(*fd, F_SETFL, fcntl(*fd, F_GETFL) | O_NONBLOCK);
    }
    return ring;
}

int coroutine_fn vhost_set_vring_kick(struct vhost_user *vu, struct vhost_message *message,
                                      int *reply_fd)
{
    int fd = -1, r;
    struct vhost_ring *ring = take_ring_fd(vu, message, &fd);

    (void)reply_fd;
    if (!ring || fd < 0) {
        return -EINVAL;         /* without a descriptor we would have to poll: not offered */
    }
    drop_kick(ring);
    r = aio_set_fd_handler(virtio_context(vu->dev), fd, on_kick, ring);
    if (r) {
        close(fd);
        return r;
    }
    ring->kick_fd = fd;
    virtio_queue_kick(vu->dev, ring->index);
    return start_if_ready(ring);
}

int coroutine_fn vhost_set_vring_call(struct vhost_user *vu, struct vhost_message *message,
                                      int *reply_fd)
{
    int fd = -1;
    struct vhost_ring *ring = take_ring_fd(vu, message, &fd);

    (void)reply_fd;
    if (!ring) {
        return -EINVAL;
    }
    close_fd(&ring->call_fd);
    ring->call_fd = fd;
    if (virtio_queue_running(vu->dev, ring->index)) {
        write_one(fd);          /* for what was signalled while there was nothing to signal to */
    }
    return 0;
}

int coroutine_fn vhost_set_vring_err(struct vhost_user *vu, struct vhost_message *message,
                                     int *reply_fd)
{
    int fd = -1;
    struct vhost_ring *ring = take_ring_fd(vu, message, &fd);

    (void)reply_fd;
    if (!ring) {
        return -EINVAL;
    }
    close_fd(&ring->err_fd);
    ring->err_fd = fd;
    return 0;
}

int coroutine_fn vhost_reset_device(struct vhost_user *vu, struct vhost_message *message,
                                    int *reply_fd)
{
    (void)message;
    (void)reply_fd;
    co_vhost_rings_reset(vu);
    return 0;
}
