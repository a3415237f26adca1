/*
 * What the three files of the vhost-user back end share: vhost_user.c (socket, connection,
 * dispatch), vhost_session.c (features, memory, configuration, the in-flight record) and
 * vhost_ring.c (rings and their descriptors). Nobody else includes this.
 */
#ifndef VHOST_USER_IMPL_H
#define VHOST_USER_IMPL_H

#include <stdbool.h>
#include <stdint.h>

#include "guestmem.h"
#include "log.h"
#include "vhost_user.h"
#include "vhost_wire.h"
#include "virtio_device.h"
#include "vq_inflight.h"

#define VHOST_F_PROTOCOL_FEATURES   30

#define VHOST_MEM_SLOTS             32      /* at most GUESTMEM_MAX_REGIONS */

enum vhost_protocol_feature {
    VHOST_P_MQ = 0,
    VHOST_P_REPLY_ACK = 3,
    VHOST_P_BACKEND_REQ = 5,
    VHOST_P_CONFIG = 9,
    VHOST_P_INFLIGHT_SHMFD = 12,
    VHOST_P_RESET_DEVICE = 13,
    VHOST_P_CONFIGURE_MEM_SLOTS = 15,
};

/* A ring as the front end describes it; addresses are the front end's. */
struct vhost_ring {
    struct vhost_user *vu;
    uint16_t index;
    uint32_t num;
    uint64_t desc, avail, used;
    uint16_t base;                  /* where to go on in the available ring */
    bool has_address, enabled;
    int kick_fd, call_fd, err_fd;   /* -1: none */
    struct vq_inflight inflight;
};

/* Constant: dev, path. The rest changes in the loop thread, by the connection's coroutine. */
struct vhost_user {
    struct virtio_device *dev;
    struct guestmem *memory;
    char path[108];
    int listen_fd;
    bool closing, ended;
    struct log_limit complaints;    /* a client may send nonsense for ever */
    /* The connection. */
    int socket;                     /* -1: none */
    bool protocol;                  /* VHOST_F_PROTOCOL_FEATURES was accepted */
    uint64_t protocol_features;
    int backend_fd;                 /* our requests to the front end; -1: none */
    struct guestmem *inflight_memory;   /* one region at 0: the in-flight record; NULL: none */
    struct guestmem_map *inflight_map;
    uint16_t inflight_queues, inflight_num;
    uint16_t n_rings;
    struct vhost_ring rings[];
};

/*
 * Handles one message. 0, or -errno: it is refused. *reply_fd is sent along when the message has
 * a reply of its own, which the handler writes over message->payload and size. Suspends.
 */
typedef int coroutine_fn vhost_handler(struct vhost_user *vu, struct vhost_message *message,
                                       int *reply_fd);

/* Warns about the client (printf-like), a few times a second at most. vhost_user.c. */
void vhost_complain(struct vhost_user *vu, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* vhost_session.c */
vhost_handler vhost_get_features, vhost_set_features, vhost_set_owner;
vhost_handler vhost_get_protocol_features, vhost_set_protocol_features, vhost_get_queue_num;
vhost_handler vhost_set_mem_table, vhost_get_max_mem_slots, vhost_add_mem_reg, vhost_rem_mem_reg;
vhost_handler vhost_get_config, vhost_set_config, vhost_set_backend_fd;
vhost_handler vhost_get_inflight, vhost_set_inflight;

/* Forgets the in-flight record. No ring runs. */
void vhost_drop_inflight(struct vhost_user *vu);

/* The in-flight record of ring q, or NULL when the front end has none. */
struct vq_inflight *vhost_ring_inflight(struct vhost_user *vu, uint16_t q);

/* vhost_ring.c */
vhost_handler vhost_set_vring_num, vhost_set_vring_addr, vhost_set_vring_base;
vhost_handler vhost_get_vring_base, vhost_set_vring_kick, vhost_set_vring_call;
vhost_handler vhost_set_vring_err, vhost_set_vring_enable, vhost_reset_device;

extern const struct virtio_transport vhost_transport;

/* All rings as at the start of a connection, without descriptors. */
void vhost_rings_init(struct vhost_user *vu);

/* Waits for requests in flight, resets the device and forgets the rings. Suspends. */
void coroutine_fn co_vhost_rings_reset(struct vhost_user *vu);

#endif
