/*
 * vhost-user messages on a Unix socket: a 12-byte header, a payload, file descriptors.
 *
 * Knows the frame, not the meaning. A message whose size or number of descriptors exceeds what any
 * message of ours can have is refused before anything of it is stored. Whoever receives a message
 * owns its descriptors; vhost_close_fds closes those that nobody took.
 */
#ifndef VHOST_WIRE_H
#define VHOST_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include <qemu/coroutine.h>

#define VHOST_MAX_FDS       8
#define VHOST_MAX_PAYLOAD   512

#define VHOST_VERSION       1u
#define VHOST_VERSION_MASK  3u
#define VHOST_REPLY         4u
#define VHOST_NEED_REPLY    8u

struct vhost_message {
    uint32_t request, flags, size;
    uint8_t payload[VHOST_MAX_PAYLOAD];
    unsigned n_fds;
    int fds[VHOST_MAX_FDS];         /* -1: taken */
};

/*
 * Receives the next message from the nonblocking socket. 0; -ECONNRESET when the peer is gone;
 * -EPROTO when the frame is wrong; or what recvmsg said. No descriptors unless 0. Suspends.
 */
int coroutine_fn co_vhost_receive(int socket, struct vhost_message *message);

/* Sends message's header and payload, with one descriptor unless fd is -1. 0 or -errno. Suspends. */
int coroutine_fn co_vhost_send(int socket, const struct vhost_message *message, int fd);

/* Takes descriptor i out of the message. */
int vhost_take_fd(struct vhost_message *message, unsigned i);

void vhost_close_fds(struct vhost_message *message);

#endif
