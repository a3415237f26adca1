/*
 * vhost_front.h - messages of the fuzzed front end: what is right for each, and what may be wrong.
 */
#ifndef FUZZ_VHOST_FRONT_H
#define FUZZ_VHOST_FRONT_H

#include "fuzz.h"

enum { QUEUES = 2, RING = 16, FDS_MAX = 12 };
#define UVA 0x7f0000000000ull

enum {
    GET_FEATURES = 1, SET_FEATURES = 2, SET_OWNER = 3, SET_MEM_TABLE = 5, SET_VRING_NUM = 8,
    SET_VRING_ADDR = 9, SET_VRING_BASE = 10, GET_VRING_BASE = 11, SET_VRING_KICK = 12,
    SET_VRING_CALL = 13, SET_VRING_ERR = 14, SET_PROTOCOL_FEATURES = 16, SET_VRING_ENABLE = 18,
    SET_BACKEND_REQ_FD = 21, GET_CONFIG = 24, SET_CONFIG = 25, GET_INFLIGHT_FD = 31,
    SET_INFLIGHT_FD = 32, RESET_DEVICE = 34, ADD_MEM_REG = 37, REM_MEM_REG = 38,
};

/* A message that is being made. */
struct vhost_front_message {
    uint32_t request, flags, size;
    uint64_t payload[72];
    int fds[FDS_MAX];
    unsigned n_fds;
};

/* What the front end has; -1: not. */
extern int vhost_kicks[QUEUES];
extern int vhost_record;        /* the in-flight record that it got last */
extern bool vhost_packed;

/* Fills payload and descriptors in as they should be for the request, about queue q; rarely not. */
void vhost_fill(struct vhost_front_message *m, struct fuzz_input *in, uint32_t q);

/* Makes one thing about the message wrong. */
void vhost_spoil(struct vhost_front_message *m, struct fuzz_input *in);

/* Closes it, if it is open, and sets it to -1. */
void vhost_close_fd(int *fd);

#endif
