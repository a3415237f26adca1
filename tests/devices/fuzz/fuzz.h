/*
 * fuzz.h - fuzz targets: what they are, the bytes they are driven by, and the machine they share.
 *
 * An input is a program: its bytes are read one after the other and say what a driver (or a front
 * end) does next, and how. Most of what it does is right; where fuzz_rare() is true, one thing is
 * wrong. Reading past the end gives zeroes, which mean the ordinary case, so every input is a
 * program and a shorter one is a prefix.
 *
 * A fault is a crash, a report of a sanitizer, or fuzz_fail(): the device did not do what it must
 * whatever the driver does, or broke though the driver kept every rule.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <block/aio.h>

#include "guestmem.h"
#include "virtio_device.h"

/* ---- the input ---- */

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

uint8_t fuzz_u8(struct fuzz_input *in);
uint16_t fuzz_u16(struct fuzz_input *in);
uint32_t fuzz_u32(struct fuzz_input *in);
uint64_t fuzz_u64(struct fuzz_input *in);

/* Something is to be wrong now: one time in 32 by random bytes. */
bool fuzz_rare(struct fuzz_input *in);

/* A guest address worth trying: edges of regions, holes, rings, device windows, anything. */
uint64_t fuzz_address(struct fuzz_input *in);

/* A length or number worth trying: edges of types and sizes, anything. */
uint32_t fuzz_number(struct fuzz_input *in);

/* ---- the machine ---- */

/*
 * Guest memory: two regions that touch (in the guest, not here) and one at 4 GiB. The whole of it
 * is one file, which starts as zeroes for every input.
 */
enum {
    RAM_LOW = 0x20000,
    RAM_MORE = 0x20000,
    RAM_HIGH = 0x10000,
    RAM_SIZE = RAM_LOW + RAM_MORE + RAM_HIGH,
    RINGS_END = 0x10000,        /* rings lie below, 4 KiB for each queue; buffers above */
};
#define RAM_HIGH_GPA 0x100000000ull

extern AioContext *fuzz_ctx;
extern struct guestmem *fuzz_memory;
extern int fuzz_ram_fd;
extern uint8_t *fuzz_ram;       /* at guest address 0; the high region is behind */

/* A disk image of DISK_SECTORS sectors, another one for every input. */
enum { DISK_SECTORS = 512 };
extern char fuzz_disk[64];

/* Ends the process, which is a finding: printf-like. */
void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Lets the loop run for some turns without waiting. */
void fuzz_turns(unsigned n);

/*
 * Lets the loop run until done(opaque); fails with `what` when that takes longer than ten seconds.
 */
void fuzz_until(bool (*done)(void *opaque), void *opaque, const char *what);

/* The device that the text describes, as for --device. */
struct virtio_device *fuzz_device(const char *text);

/* ---- targets ---- */

struct fuzz_target {
    const char *name;
    void (*run)(const void *opaque, struct fuzz_input *in);
    const void *opaque;
};

extern const struct fuzz_target fuzz_split, fuzz_packed, fuzz_registers;
extern const struct fuzz_target fuzz_blk, fuzz_rng, fuzz_console, fuzz_net, fuzz_net_stream;
extern const struct fuzz_target fuzz_pci, fuzz_vhost;

#endif
