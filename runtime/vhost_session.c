/*
 * vhost-user messages that are not about one ring: features, guest memory, configuration space,
 * the in-flight record.
 *
 * Sizes and numbers of descriptors were checked against the dispatch table; what lies in the
 * payload is checked here. Memory and the record are mapped by guestmem, which checks the length
 * of files and survives their truncation.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vhost_user_impl.h"

struct region {
    uint64_t gpa, size, uva, offset;
};

struct config_header {
    uint32_t offset, size, flags;
};

struct inflight_layout {
    uint64_t size, offset;
    uint16_t queues, num;
};

/* What is in the message. QEMU sends and expects 4 bytes of padding, the specification has none. */
#define INFLIGHT_BYTES 20

static void put_u64(struct vhost_message *message, uint64_t value)
{
    memcpy(message->payload, &value, sizeof value);
    message->size = sizeof value;
}

static uint64_t get_u64(const struct vhost_message *message)
{
    uint64_t value;

    memcpy(&value, message->payload, sizeof value);
    return value;
}

/* ---- features ----------------------------------------------------------- */

int coroutine_fn vhost_get_features(struct vhost_user *vu, struct vhost_message *message,
                                    int *reply_fd)
{
    (void)reply_fd;
    put_u64(message, virtio_offered(vu->dev) | UINT64_C(1) << VHOST_F_PROTOCOL_FEATURES);
    return 0;
}

int coroutine_fn vhost_set_features(struct vhost_user *vu, struct vhost_message *message,
                                    int *reply_fd)
{
    uint64_t features = get_u64(message);
    uint64_t protocol = UINT64_C(1) << VHOST_F_PROTOCOL_FEATURES;
    int r = virtio_set_features(vu->dev, features & ~protocol);

    (void)reply_fd;
    if (r == 0) {
        vu->protocol = features & protocol;
    }
    return r;
}

int coroutine_fn vhost_set_owner(struct vhost_user *vu, struct vhost_message *message,
                                 int *reply_fd)
{
    (void)vu;
    (void)message;
    (void)reply_fd;
    return 0;                   /* the connection is the ownership */
}

/* The in-flight record is kept for split rings only. */
static uint64_t offered_protocol_features(const struct vhost_user *vu)
{
    bool packed = virtio_offered(vu->dev) >> VIRTIO_F_RING_PACKED & 1;

    return 1u << VHOST_P_MQ | 1u << VHOST_P_REPLY_ACK | 1u << VHOST_P_BACKEND_REQ |
           1u << VHOST_P_CONFIG | !packed << VHOST_P_INFLIGHT_SHMFD | 1u << VHOST_P_RESET_DEVICE |
           1u << VHOST_P_CONFIGURE_MEM_SLOTS;
}

int coroutine_fn vhost_get_protocol_features(struct vhost_user *vu, struct vhost_message *message,
                                             int *reply_fd)
{
    (void)reply_fd;
    put_u64(message, offered_protocol_features(vu));
    return 0;
}

int coroutine_fn vhost_set_protocol_features(struct vhost_user *vu, struct vhost_message *message,
                                             int *reply_fd)
{
    (void)reply_fd;
    if (get_u64(message) & ~offered_protocol_features(vu)) {
        return -EINVAL;
    }
    vu->protocol_features = get_u64(message);
    return 0;
}

int coroutine_fn vhost_get_queue_num(struct vhost_user *vu, struct vhost_message *message,
                                     int *reply_fd)
{
    (void)reply_fd;
    put_u64(message, vu->n_rings);
    return 0;
}

/* ---- guest memory ----------------------------------------------------------- */

static int map_region(struct vhost_user *vu, const struct vhost_message *message, size_t at, int fd)
{
    struct region region;

    memcpy(&region, message->payload + at, sizeof region);
    return guestmem_map_fd(vu->memory, region.gpa, region.uva, region.size, fd, region.offset);
}

/* User-mode Linux always sends room for two regions, so only too short a message is wrong. */
int coroutine_fn vhost_set_mem_table(struct vhost_user *vu, struct vhost_message *message,
                                     int *reply_fd)
{
    uint32_t n;
    int r = 0;

    (void)reply_fd;
    memcpy(&n, message->payload, sizeof n);
    if (n == 0 || n > VHOST_MAX_FDS || message->n_fds != n ||
        message->size < 8 + n * sizeof(struct region)) {
        return -EINVAL;
    }
    guestmem_clear(vu->memory);
    for (uint32_t i = 0; i < n && r == 0; i++) {
        r = map_region(vu, message, 8 + i * sizeof(struct region), message->fds[i]);
    }
    virtio_memory_changed(vu->dev);
    return r;
}

int coroutine_fn vhost_get_max_mem_slots(struct vhost_user *vu, struct vhost_message *message,
                                         int *reply_fd)
{
    (void)vu;
    (void)reply_fd;
    put_u64(message, VHOST_MEM_SLOTS);
    return 0;
}

int coroutine_fn vhost_add_mem_reg(struct vhost_user *vu, struct vhost_message *message,
                                   int *reply_fd)
{
    int r;

    (void)reply_fd;
    if (message->n_fds != 1 || guestmem_regions(vu->memory) >= VHOST_MEM_SLOTS) {
        return -EINVAL;
    }
    r = map_region(vu, message, 8, message->fds[0]);
    if (r == 0) {
        virtio_memory_changed(vu->dev);
    }
    return r;
}

int coroutine_fn vhost_rem_mem_reg(struct vhost_user *vu, struct vhost_message *message,
                                   int *reply_fd)
{
    struct region region;
    int r;

    (void)reply_fd;
    memcpy(&region, message->payload + 8, sizeof region);
    r = guestmem_remove(vu->memory, region.gpa, region.uva, region.size);
    if (r == 0) {
        virtio_memory_changed(vu->dev);
    }
    return r;
}

/* ---- configuration space and the other channel ----------------------------------------------------------- */

/* The header of a configuration message, when it fits the message. */
static bool get_config_header(const struct vhost_message *message, struct config_header *header)
{
    memcpy(header, message->payload, sizeof *header);
    return header->size <= 256 && header->offset <= 256 - header->size &&
           message->size == sizeof *header + header->size;
}

int coroutine_fn vhost_get_config(struct vhost_user *vu, struct vhost_message *message,
                                  int *reply_fd)
{
    struct config_header header;

    (void)reply_fd;
    if (!get_config_header(message, &header)) {
        return -EINVAL;
    }
    virtio_config_read(vu->dev, header.offset, message->payload + sizeof header, header.size);
    return 0;
}

int coroutine_fn vhost_set_config(struct vhost_user *vu, struct vhost_message *message,
                                  int *reply_fd)
{
    struct config_header header;

    (void)reply_fd;
    if (!get_config_header(message, &header) ||
        !virtio_config_write(vu->dev, header.offset, message->payload + sizeof header,
                             header.size)) {
        return -EINVAL;
    }
    return 0;
}

/* Kept open as long as the client is there: User-mode Linux removes the device when it closes. */
int coroutine_fn vhost_set_backend_fd(struct vhost_user *vu, struct vhost_message *message,
                                      int *reply_fd)
{
    (void)reply_fd;
    if (message->n_fds != 1) {
        return -EINVAL;
    }
    if (vu->backend_fd >= 0) {
        close(vu->backend_fd);
    }
    vu->backend_fd = vhost_take_fd(message, 0);
    fcntl(vu->backend_fd, F_SETFL, fcntl(vu->backend_fd, F_GETFL) | O_NONBLOCK);
    return 0;
}

/* ---- the in-flight record ----------------------------------------------------------- */

static bool valid_layout(const struct vhost_user *vu, const struct inflight_layout *layout)
{
    return layout->queues > 0 && layout->queues <= vu->n_rings && layout->num > 0 &&
           layout->num <= VQ_MAX_SIZE;
}

/* The front end agreed on a record. It cannot where packed rings are offered. */
static bool has_record(struct vhost_user *vu)
{
    bool agreed = vu->protocol_features >> VHOST_P_INFLIGHT_SHMFD & 1;

    if (!agreed) {
        vhost_complain(vu, "no in-flight record was agreed on%s",
                       offered_protocol_features(vu) >> VHOST_P_INFLIGHT_SHMFD & 1
                           ? "" : ", and there is none where packed rings are offered");
    }
    return agreed;
}

int coroutine_fn vhost_get_inflight(struct vhost_user *vu, struct vhost_message *message,
                                    int *reply_fd)
{
    struct inflight_layout layout;
    int fd;

    memcpy(&layout, message->payload, INFLIGHT_BYTES);
    if (!has_record(vu) || !valid_layout(vu, &layout)) {
        return -EINVAL;
    }
    layout.size = (uint64_t)layout.queues * vq_inflight_bytes(layout.num);
    layout.offset = 0;
    fd = memfd_create("inflight", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        return -errno;
    }
    if (ftruncate(fd, (off_t)layout.size) ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)) {
        int r = -errno;

        close(fd);
        return r;
    }
    memcpy(message->payload, &layout, INFLIGHT_BYTES);
    *reply_fd = fd;
    return 0;
}

void vhost_drop_inflight(struct vhost_user *vu)
{
    if (vu->inflight_memory) {
        guestmem_drop(vu->inflight_map);
        guestmem_free(vu->inflight_memory);
        vu->inflight_memory = NULL;
    }
}

int coroutine_fn vhost_set_inflight(struct vhost_user *vu, struct vhost_message *message,
                                    int *reply_fd)
{
    struct inflight_layout layout;
    struct guestmem *memory;
    int r;

    (void)reply_fd;
    memcpy(&layout, message->payload, INFLIGHT_BYTES);
    if (!has_record(vu) || message->n_fds != 1 || !valid_layout(vu, &layout) ||
        layout.size < (uint64_t)layout.queues * vq_inflight_bytes(layout.num)) {
        return -EINVAL;
    }
    for (uint16_t i = 0; i < vu->n_rings; i++) {
        if (virtio_queue_running(vu->dev, i)) {
            return -EBUSY;
        }
    }
    memory = guestmem_new();
    r = guestmem_map_fd(memory, 0, 0, layout.size, message->fds[0], layout.offset);
    if (r) {
        guestmem_free(memory);
        return r;
    }
    vhost_drop_inflight(vu);
    vu->inflight_memory = memory;
    vu->inflight_map = guestmem_hold(memory);
    vu->inflight_queues = layout.queues;
    vu->inflight_num = layout.num;
    return 0;
}

struct vq_inflight *vhost_ring_inflight(struct vhost_user *vu, uint16_t q)
{
    size_t bytes = vq_inflight_bytes(vu->inflight_num);
    void *part;

    if (!vu->inflight_memory || q >= vu->inflight_queues ||
        virtio_has_feature(vu->dev, VIRTIO_F_RING_PACKED)) {
        return NULL;
    }
    part = guestmem_hva(vu->inflight_map, q * bytes, bytes);
    if (!part) {
        return NULL;
    }
    vq_inflight_open(&vu->rings[q].inflight, part, vu->inflight_num);
    return &vu->rings[q].inflight;
}
