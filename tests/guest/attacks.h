/*
 * attacks.h - what a hostile driver tries, by family; families.c runs them and gives verdicts.
 *
 * Families: 1 loops and links, 2 addresses, 3 lengths, 4 directions and missing parts, 5 indirect
 * tables, 6 available heads, 7 kicks, 8 status and features, 9 rings, 10 changes after the kick,
 * 11 the device's own requests, 12 registers, 13 packets and their control queue, 16 liveness. (14
 * and 15 are of devices that are not here.)
 */
#ifndef ATTACKS_H
#define ATTACKS_H

#include "virtio_any.h"

enum { NET = 1, BLK = 2, CONSOLE = 3, RNG = 4 };       /* device IDs */
enum { SPLIT = 1, PACKED = 2 };

struct attack {
    unsigned family;
    const char *name;
    void (*commit)(struct any *d);  /* on a device that has just answered one request */
    uint32_t device;                /* 0: all */
    unsigned rings;                 /* of which kind; 0: both */
};

/* The last one has no name. */
extern const struct attack ring_attacks[], device_attacks[], request_attacks[];

/* Memory that chains point to. */
extern uint8_t buffer[8192];
enum { HEADER_AT = 0, STATUS_AT = 64, DATA_AT = 4096, TABLE_AT = 2048 };

/* A chain that the device answers, and on which queue. Returns how many descriptors it has. */
unsigned good_chain(const struct any *d, struct desc *chain);
unsigned good_queue(const struct any *d);

/* Offers a chain as it is, as head 0, and kicks. */
void send_chain(struct any *d, unsigned q, const struct desc *chain, unsigned n);

#endif
