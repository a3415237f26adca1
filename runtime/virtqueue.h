/*
 * Virtqueues, device side: split (virtio 1.2, section 2.7) and packed (section 2.8) rings, both with
 * indirect descriptors and EVENT_IDX.
 *
 * Knows no device and no transport. Everything the driver writes is hostile: each field is read
 * once; indices, addresses, lengths and their sums are checked before use; a walk visits at most
 * VQ_MAX_CHAIN descriptors. A fault of the driver makes the queue broken (vq_error says why), and
 * a broken queue gives no more chains, so that a bad head is never parsed twice.
 *
 * A chain is popped, worked on by one coroutine, and pushed: by virtio.c, never by a device. It
 * holds the map of guest memory it was popped from. A head that is in flight already is an error.
 * Little-endian hosts only: ring fields are used as they lie.
 *
 * A position in a split ring counts on and on; in a packed ring it is an index below the size, and
 * in the highest bit the wrap counter. A packed ring starts at VQ_PACKED_START.
 *
 * Changes only in the loop thread.
 */
#ifndef VIRTQUEUE_H
#define VIRTQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "guestmem.h"

#define VQ_MAX_SIZE  1024   /* entries of a ring */
#define VQ_MAX_CHAIN 1024   /* descriptors of a chain; also the pieces of either direction */
#define VQ_PACKED_START 0x8000

struct vq_inflight;

/*
 * What the driver (or the front end) says about a ring. Addresses are guest addresses; of a packed
 * ring `avail` and `used` are the driver's and the device's event suppression.
 */
struct vq_config {
    uint16_t num;
    uint64_t desc, avail, used;
};

struct virtqueue {
    /* Constant from vq_start to vq_stop, save the pointers, which vq_remap replaces. */
    struct vq_config config;
    struct guestmem_map *map;       /* NULL: stopped */
    void *desc;
    uint16_t *avail;
    uint16_t *used;
    bool packed, indirect, event_idx;   /* set before vq_start */
    struct vq_inflight *inflight;   /* record of heads in shared memory, or NULL */
    void *owner;                    /* for the owner alone */
    /* State. */
    uint16_t last_avail;            /* position of the next entry to read */
    uint16_t used_idx;              /* position of the next used entry to write */
    uint16_t signalled;             /* used_idx at the last decision to signal */
    bool signalled_valid;
    unsigned n_in_flight;
    unsigned slots_in_flight;       /* descriptors of the ring that chains in flight take; packed */
    uint8_t in_flight[VQ_MAX_SIZE]; /* by head, in a packed ring by buffer ID */
    uint16_t *resubmit;             /* heads a former process left in flight, oldest first */
    unsigned n_resubmit, next_resubmit;
    char error[96];                 /* empty: healthy */
};

/* A descriptor chain: what the driver offers to be read (out), then to be written (in). */
struct vq_chain {
    struct virtqueue *vq;
    struct vq_chain *next;          /* of those that are pushed together */
    struct guestmem_map *map;
    struct iovec *out, *in;         /* what is left, shrinks as it is used */
    unsigned n_out, n_in;
    uint32_t out_left, in_left;     /* bytes left */
    uint32_t written;               /* for the used ring */
    uint8_t *last;                  /* the reserved last byte, or NULL */
    uint16_t head;                  /* or buffer ID */
    uint16_t slots;                 /* descriptors of the ring it takes */
    struct iovec pieces[];
};

/*
 * Starts a stopped queue on gm's current map at last_avail. With inflight, heads that a former
 * process left are popped first (split rings only). 0, or -EINVAL with vq->error set: a size that
 * cannot be, rings misaligned, outside guest memory or overlapping.
 */
int vq_start(struct virtqueue *vq, struct guestmem *gm, const struct vq_config *config,
             uint16_t last_avail, struct vq_inflight *inflight);

/* Stops the queue. No chain may be in flight. */
void vq_stop(struct virtqueue *vq);

/* Looks the rings up again after gm changed. 0, or -EINVAL with vq->error set. */
int vq_remap(struct virtqueue *vq, struct guestmem *gm);

/*
 * Takes the next chain. 1: *chain is the caller's, for vq_push. 0: none. -EINVAL: the queue is
 * broken now, vq->error says why.
 */
int vq_pop(struct virtqueue *vq, struct vq_chain **chain);

/* Gives a chain back to the driver with chain->written bytes, and frees it. */
void vq_push(struct vq_chain *chain);

/*
 * The same for a list of chains of one queue, linked by next: the driver sees all of them at once,
 * in this order.
 */
void vq_push_all(struct vq_chain *first);

/* Frees a chain without telling the driver: the queue is broken or the device is being reset. */
void vq_discard(struct vq_chain *chain);
void vq_discard_all(struct vq_chain *first);

/* True when the driver wants a signal for what was pushed since the last such call. */
bool vq_should_signal(struct virtqueue *vq);

/* Tells the driver not to kick while the queue is being emptied anyway. */
void vq_kicks_off(struct virtqueue *vq);

/* Asks for kicks again. True: a chain arrived meanwhile, empty the queue once more. */
bool vq_kicks_on(struct virtqueue *vq);

/* Marks the queue broken for the reason given (printf-like). The first reason stays. */
void vq_break(struct virtqueue *vq, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Why the queue is broken, or NULL. */
const char *vq_error(const struct virtqueue *vq);

#endif
