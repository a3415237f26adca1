/*
 * driver.h - the driver of a fuzzed device: registers, rings and chains, mostly as they should be.
 *
 * `tainted` is set as soon as something of the driver's was wrong; from then on the device may
 * break, and nothing about its answers is insisted on. A reset takes it back.
 */
#ifndef FUZZ_DRIVER_H
#define FUZZ_DRIVER_H

#include "fuzz.h"
#include "virtio_mmio.h"

enum {
    RING = 16,                  /* entries of every ring */
    QUEUES_MAX = 16,
    BUFFERS_MAX = 40,           /* of a chain */
    DESC_NEXT = 1,
    DESC_WRITE = 2,
    DESC_INDIRECT = 4,

    S_NEEDS_RESET = 64,
};

struct driver_buffer {
    uint64_t gpa;
    uint32_t size;
    uint16_t flags;             /* DESC_WRITE or 0 */
};

/* A chain that is being built. */
struct driver_chain {
    struct driver_buffer buffer[BUFFERS_MAX];
    unsigned n;
    uint64_t room;              /* writable bytes */
    uint64_t since;             /* what driver.made was when its first buffer was made */
    bool begun, dropped;        /* dropped: there is no memory for it */
};

struct driver_queue {
    bool running;
    uint16_t index;             /* avail idx, or the packed position */
    uint16_t seen;              /* used idx, or the packed position of used descriptors */
    uint16_t n_free;
    uint16_t free[RING];        /* descriptors, or IDs of a packed ring */
    struct {
        uint16_t n;             /* descriptors it takes; 0: not in flight */
        uint16_t descriptor[RING];
        uint64_t room;
        uint64_t since;
    } head[RING];
    unsigned n_in_flight;
};

struct driver {
    struct virtio_device *dev;
    struct virtio_mmio *mmio;
    uint64_t features;
    bool tainted;
    uint64_t made;              /* bytes of buffers so far; their memory is used round and round */
    struct driver_queue queue[QUEUES_MAX];
};

/* Registers of virtio-mmio, 4 bytes. */
uint32_t driver_get(const struct driver *d, unsigned reg);
void driver_set(const struct driver *d, unsigned reg, uint32_t value);

/* Puts the device, which becomes the driver's, behind registers; not started. */
void driver_open(struct driver *d, struct virtio_device *dev);

/* Resets it, insists that it is reset, and frees it. */
void driver_close(struct driver *d);

/* From reset to DRIVER_OK with these features, as far as they are offered; every queue runs. */
void driver_start(struct driver *d, uint64_t features);

bool driver_broken(const struct driver *d);

/* Starts a queue, or stops it with what is in flight. */
void driver_start_queue(struct driver *d, uint16_t q);
void driver_stop_queue(struct driver *d, uint16_t q, bool by_reset);

/*
 * Adds a buffer of the driver's with these bytes, or one to be written; perhaps in several parts.
 * What is in flight is not written over: a chain is dropped when there is no other memory.
 */
void driver_add_out(struct driver *d, struct fuzz_input *in, struct driver_chain *c,
                    const void *bytes, uint32_t size);
void driver_add_in(struct driver *d, struct fuzz_input *in, struct driver_chain *c, uint32_t size);

/*
 * Makes the chain available, mostly; rarely something is wrong with it. Nothing when the ring is
 * full.
 */
void driver_offer(struct driver *d, struct fuzz_input *in, uint16_t q, struct driver_chain *c);
void driver_kick(struct driver *d, uint16_t q);

/* Takes what the device gave back, and checks it. */
void driver_reap(struct driver *d, uint16_t q);

/* Writes something somewhere into a ring. */
void driver_scribble(struct driver *d, struct fuzz_input *in);

#endif
