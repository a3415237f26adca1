/* vhost-user framing: recvmsg and sendmsg with descriptors, as coroutines. */
#include "vhost_wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "co_io.h"

#define HEADER 12

/* Room for the descriptors and for one too many, so that too many are noticed. */
union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * (VHOST_MAX_FDS + 1))];
};

/* Moves the descriptors that came with msg into the message. Too many: all are closed. */
static int store_fds(struct vhost_message *message, struct msghdr *msg)
{
    bool too_many = msg->msg_flags & MSG_CTRUNC;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (message->n_fds < VHOST_MAX_FDS) {
                message->fds[message->n_fds++] = fd;
            } else {
                too_many = true;
                close(fd);
            }
        }
    }
    if (too_many) {
        vhost_close_fds(message);
        return -EPROTO;
    }
    return 0;
}

/* One recvmsg of at most HEADER - have bytes. What recvmsg returned, or -errno. */
static ssize_t receive_header(int socket, char *header, size_t have, struct vhost_message *message)
{
    union control control;
    struct iovec piece = { header + have, HEADER - have };
    struct msghdr msg = { .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes,
                          .msg_controllen = sizeof control.bytes };
    ssize_t got = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

    if (got < 0) {
        return -errno;
    }
    return store_fds(message, &msg) ? -EPROTO : got;
}

static int coroutine_fn co_receive_header(int socket, char *header, struct vhost_message *message)
{
    size_t have = 0;

    while (have < HEADER) {
        ssize_t got = receive_header(socket, header, have, message);

        if (got == -EAGAIN || got == -EINTR) {
            co_poll(socket, POLLIN);
        } else if (got <= 0) {
            return got ? (int)got : -ECONNRESET;
        } else {
            have += (size_t)got;
        }
    }
    return 0;
}

static int coroutine_fn co_receive_all(int socket, uint8_t *to, size_t size)
{
    while (size) {
        ssize_t got = co_read(socket, to, size);

        if (got <= 0) {
            return got ? (int)got : -ECONNRESET;
        }
        to += got;
        size -= (size_t)got;
    }
    return 0;
}

int coroutine_fn co_vhost_receive(int socket, struct vhost_message *message)
{
    char header[HEADER];
    int r;

    message->n_fds = 0;
    r = co_receive_header(socket, header, message);
    if (r == 0) {
        memcpy(&message->request, header, 4);
        memcpy(&message->flags, header + 4, 4);
        memcpy(&message->size, header + 8, 4);
        if ((message->flags & VHOST_VERSION_MASK) != VHOST_VERSION ||
            message->size > sizeof message->payload) {
            r = -EPROTO;
        }
    }
    if (r == 0) {
        memset(message->payload, 0, sizeof message->payload);
        r = co_receive_all(socket, message->payload, message->size);
    }
    if (r) {
        vhost_close_fds(message);
    }
    return r;
}

/* One sendmsg of frame from byte sent on; the descriptor goes with the first byte. */
static ssize_t send_frame(int socket, char *frame, size_t size, size_t sent, int fd)
{
    union control control;
    struct iovec piece = { frame + sent, size - sent };
    struct msghdr msg = { .msg_iov = &piece, .msg_iovlen = 1 };
    ssize_t n;

    if (fd >= 0 && sent == 0) {
        memset(&control, 0, sizeof control);
        msg.msg_control = control.bytes;
        msg.msg_controllen = CMSG_SPACE(sizeof fd);
        CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
        CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
        CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), &fd, sizeof fd);
    }
    n = sendmsg(socket, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    return n < 0 ? -errno : n;
}

int coroutine_fn co_vhost_send(int socket, const struct vhost_message *message, int fd)
{
    char frame[HEADER + VHOST_MAX_PAYLOAD];
    size_t size = HEADER + message->size, sent = 0;

    memcpy(frame, &message->request, 4);
    memcpy(frame + 4, &message->flags, 4);
    memcpy(frame + 8, &message->size, 4);
    memcpy(frame + HEADER, message->payload, message->size);
    while (sent < size) {
        ssize_t n = send_frame(socket, frame, size, sent, fd);

        if (n == -EAGAIN || n == -EINTR) {
            co_poll(socket, POLLOUT);
        } else if (n < 0) {
            return (int)n;
        } else {
            sent += (size_t)n;
        }
    }
    return 0;
}

int vhost_take_fd(struct vhost_message *message, unsigned i)
{
    int fd = message->fds[i];

    message->fds[i] = -1;
    return fd;
}

void vhost_close_fds(struct vhost_message *message)
{
    for (unsigned i = 0; i < message->n_fds; i++) {
        if (message->fds[i] >= 0) {
            close(message->fds[i]);
        }
    }
    message->n_fds = 0;
}
