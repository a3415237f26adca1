/*
 * The vhost-user back end: its socket, its connection, and which message goes where.
 *
 * One coroutine accepts clients one after the other and, for each, receives messages, calls the
 * handler of the dispatch table and sends the reply, in straight-line code: a handler that waits
 * for requests in flight simply suspends. Between two clients everything is as after the start.
 */
#include "vhost_user.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "co_io.h"
#include "log.h"
#include "vhost_user_impl.h"

#define SOCKET_WAIT_MS 3000

/* What a message must look like, and who handles it. size is the least payload. */
struct message_type {
    const char *name;
    vhost_handler *handle;
    uint32_t size;
    uint32_t max_fds;
    bool replies;               /* has a reply of its own, with or without REPLY_ACK */
};

static const struct message_type types[] = {
    [1] = { "GET_FEATURES", vhost_get_features, 0, 0, true },
    [2] = { "SET_FEATURES", vhost_set_features, 8, 0, false },
    [3] = { "SET_OWNER", vhost_set_owner, 0, 0, false },
    [5] = { "SET_MEM_TABLE", vhost_set_mem_table, 8, VHOST_MAX_FDS, false },
    [8] = { "SET_VRING_NUM", vhost_set_vring_num, 8, 0, false },
    [9] = { "SET_VRING_ADDR", vhost_set_vring_addr, 40, 0, false },
    [10] = { "SET_VRING_BASE", vhost_set_vring_base, 8, 0, false },
    [11] = { "GET_VRING_BASE", vhost_get_vring_base, 8, 0, true },
    [12] = { "SET_VRING_KICK", vhost_set_vring_kick, 8, 1, false },
    [13] = { "SET_VRING_CALL", vhost_set_vring_call, 8, 1, false },
    [14] = { "SET_VRING_ERR", vhost_set_vring_err, 8, 1, false },
    [15] = { "GET_PROTOCOL_FEATURES", vhost_get_protocol_features, 0, 0, true },
    [16] = { "SET_PROTOCOL_FEATURES", vhost_set_protocol_features, 8, 0, false },
    [17] = { "GET_QUEUE_NUM", vhost_get_queue_num, 0, 0, true },
    [18] = { "SET_VRING_ENABLE", vhost_set_vring_enable, 8, 0, false },
    [21] = { "SET_BACKEND_REQ_FD", vhost_set_backend_fd, 0, 1, false },
    [24] = { "GET_CONFIG", vhost_get_config, 12, 0, true },
    [25] = { "SET_CONFIG", vhost_set_config, 12, 0, false },
    [31] = { "GET_INFLIGHT_FD", vhost_get_inflight, 20, 0, true },
    [32] = { "SET_INFLIGHT_FD", vhost_set_inflight, 20, 1, false },
    [34] = { "RESET_DEVICE", vhost_reset_device, 0, 0, false },
    [36] = { "GET_MAX_MEM_SLOTS", vhost_get_max_mem_slots, 0, 0, true },
    [37] = { "ADD_MEM_REG", vhost_add_mem_reg, 40, 1, false },
    [38] = { "REM_MEM_REG", vhost_rem_mem_reg, 40, 1, false },
};

#define N_TYPES (sizeof types / sizeof types[0])

void vhost_complain(struct vhost_user *vu, const char *format, ...)
{
    char text[160];
    uint64_t suppressed;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (log_allowed(&vu->complaints, 10, &suppressed)) {
        log_warn("vhost", "%s", text);
    }
}

/* The type of a message that looks as it must, or NULL. */
static const struct message_type *type_of(struct vhost_user *vu,
                                          const struct vhost_message *message)
{
    const struct message_type *type;

    if (message->request >= N_TYPES || !types[message->request].handle) {
        vhost_complain(vu, "unknown message %u, client disconnected", message->request);
        return NULL;
    }
    type = &types[message->request];
    if (message->size < type->size || message->n_fds > type->max_fds) {
        vhost_complain(vu, "%s with %u bytes and %u descriptors, client disconnected",
                       type->name, message->size, message->n_fds);
        return NULL;
    }
    return type;
}

/* One message and its reply. 0: go on with the next. */
static int coroutine_fn co_serve_message(struct vhost_user *vu, struct vhost_message *message)
{
    const struct message_type *type = type_of(vu, message);
    bool ack = message->flags & VHOST_NEED_REPLY;   /* also of the message that agrees on it */
    int reply_fd = -1, r;
    uint64_t value;

    if (!type) {
        return -EPROTO;
    }
    r = type->handle(vu, message, &reply_fd);
    if (r) {
        vhost_complain(vu, "%s refused: %s", type->name, strerror(-r));
        if (type->replies || !ack) {
            return r;           /* no way to say no */
        }
    }
    if (!type->replies && !ack) {
        return 0;
    }
    if (!type->replies) {
        value = r != 0;
        memcpy(message->payload, &value, sizeof value);
        message->size = sizeof value;
    }
    message->flags = VHOST_VERSION | VHOST_REPLY;
    r = co_vhost_send(vu->socket, message, reply_fd);
    if (reply_fd >= 0) {
        close(reply_fd);
    }
    return r;
}

/* Serves the client on vu->socket until it leaves or has to. */
static void coroutine_fn co_serve_client(struct vhost_user *vu)
{
    struct vhost_message message;
    int r;

    do {
        r = co_vhost_receive(vu->socket, &message);
        if (r == 0) {
            r = co_serve_message(vu, &message);
            vhost_close_fds(&message);
        } else if (r == -EPROTO) {
            vhost_complain(vu, "a malformed message, client disconnected");
        }
    } while (r == 0);
}

/* Nothing of the client stays: neither descriptors nor memory nor its agreements. */
static void coroutine_fn co_forget_client(struct vhost_user *vu)
{
    co_vhost_rings_reset(vu);
    vhost_drop_inflight(vu);
    guestmem_clear(vu->memory);
    if (vu->backend_fd >= 0) {
        close(vu->backend_fd);
        vu->backend_fd = -1;
    }
    close(vu->socket);
    vu->socket = -1;
    vu->protocol = false;
    vu->protocol_features = 0;
}

/* The coroutine of the back end. */
static void coroutine_fn co_serve(void *opaque)
{
    struct vhost_user *vu = opaque;

    while (!vu->closing) {
        vu->socket = accept4(vu->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (vu->socket >= 0) {
            log_info("vhost", "client connected");
            co_serve_client(vu);
            co_forget_client(vu);
            log_info("vhost", "client gone, waiting for the next");
        } else if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) {
            co_poll(vu->listen_fd, POLLIN);
        } else if (!vu->closing) {
            log_error("vhost", "cannot accept a client: %s", strerror(errno));
            co_sleep_ns(1000000000);    /* out of descriptors: that may pass */
        }
    }
    vu->ended = true;
}

/* True when somebody answers on the socket at address. */
static bool is_served(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool served = fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
                              errno == EAGAIN);

    if (fd >= 0) {
        close(fd);
    }
    return served;
}

/*
 * Waits a while until nobody answers; false when somebody still does. The socket of a process that
 * was killed answers until the kernel has taken its io_uring apart.
 */
static bool wait_unserved(const struct sockaddr_un *address)
{
    for (int waited = 0; is_served(address); waited += 20) {
        if (waited >= SOCKET_WAIT_MS) {
            errno = EADDRINUSE;
            return false;
        }
        usleep(20000);
    }
    return true;
}

/* Removes what a dead process left at path, if it is a socket. 0 or -1 with errno. */
static int unlink_socket(const char *path)
{
    struct stat st;

    if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
        errno = EEXIST;
        return -1;
    }
    return unlink(path);
}

/* The listening socket at path, or -errno with the error's text. */
static int listen_at(const char *path, struct virtio_error *error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd, r;

    if (strlen(path) >= sizeof address.sun_path) {
        return virtio_fail(error, -ENAMETOOLONG, "the socket's path is longer than %zu bytes: '%s'",
                           sizeof address.sun_path - 1, path);
    }
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return virtio_fail(error, -errno, "cannot make a socket: %s", strerror(errno));
    }
    r = bind(fd, (struct sockaddr *)&address, sizeof address);
    if (r && errno == EADDRINUSE && wait_unserved(&address)) {
        r = unlink_socket(path) || bind(fd, (struct sockaddr *)&address, sizeof address);
    }
    if (r || listen(fd, 16)) {
        r = virtio_fail(error, -errno, "cannot listen on '%s': %s", path, strerror(errno));
        close(fd);
        return r;
    }
    return fd;
}

struct vhost_user *vhost_user_new(struct virtio_device *dev, const char *path,
                                  struct virtio_error *error)
{
    uint16_t n = virtio_n_queues(dev);
    struct vhost_user *vu;
    int fd = listen_at(path, error);

    if (fd < 0) {
        return NULL;
    }
    vu = calloc(1, sizeof *vu + n * sizeof vu->rings[0]);
    if (!vu) {
        abort();
    }
    vu->dev = dev;
    vu->memory = virtio_memory(dev);
    strcpy(vu->path, path);
    vu->listen_fd = fd;
    vu->socket = vu->backend_fd = -1;
    vu->n_rings = n;
    vhost_rings_init(vu);
    virtio_attach(dev, &vhost_transport, vu);
    aio_co_schedule(virtio_context(dev), qemu_coroutine_create(co_serve, vu));
    return vu;
}

void no_coroutine_fn vhost_user_free(struct vhost_user *vu)
{
    vu->closing = true;
    shutdown(vu->listen_fd, SHUT_RDWR);     /* wakes the coroutine wherever it waits */
    if (vu->socket >= 0) {
        shutdown(vu->socket, SHUT_RDWR);
    }
    while (!vu->ended) {
        aio_poll(virtio_context(vu->dev), true);
    }
    virtio_attach(vu->dev, NULL, NULL);
    close(vu->listen_fd);
    unlink(vu->path);
    free(vu);
}
