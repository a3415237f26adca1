/*
 * A virtio device as a vhost-user back end: one Unix socket, one client after the other.
 *
 * A client that goes away, for whatever reason, leaves a device that is reset (its requests in
 * flight are waited for) and a socket that serves the next one; a second client waits until the
 * first is gone. A client that sends nonsense is told so where the protocol has a reply, and is
 * disconnected otherwise: one line in the log.
 *
 * Offers MQ, REPLY_ACK, BACKEND_REQ, CONFIG, INFLIGHT_SHMFD, RESET_DEVICE, CONFIGURE_MEM_SLOTS.
 * With INFLIGHT_SHMFD a client survives our death: requests that were in flight are done again.
 *
 * Everything runs in the loop thread.
 */
#ifndef VHOST_USER_H
#define VHOST_USER_H

#include "virtio_device.h"

struct vhost_user;

/*
 * Serves dev on a socket made at path. A socket that a dead process left there is replaced; a
 * live one is not. dev and its guest memory stay the caller's, and are vhost_user's alone to use
 * until vhost_user_free. NULL with the error's text when it cannot be. Nothing of a client is looked
 * at before the loop runs.
 */
struct vhost_user *vhost_user_new(struct virtio_device *dev, const char *path,
                                  struct virtio_error *error);

/* Disconnects the client, resets the device, removes the socket. */
void no_coroutine_fn vhost_user_free(struct vhost_user *vu);

#endif
