/*
 * machine.h - the guest's machine: its memory, who answers which port and address, and how it ends.
 *
 * Memory is one mapping, at guest address 0 up to 3 GiB and from 4 GiB on; the GiB between belongs to
 * devices. It is private, or with reserved huge pages a memfd. Port and MMIO ranges are added before
 * the vCPUs start and never change after; they may not overlap. An access that no range holds as a
 * whole reads as all ones, as on a PC, and a write to it is lost.
 *
 * The machine ends once: the first machine_end wins, later ones are ignored.
 *
 * Threads: handlers run in vCPU threads, several at a time; machine_end may be called in any
 * thread.
 */
#ifndef CPC_MACHINE_H
#define CPC_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guestmem.h"

enum {
    MACHINE_MIN_MIB = 2,
    MACHINE_HUGE_MIB = 2,       /* of a huge page */
    MACHINE_MAX_MIB = 1 << 20,  /* 1 TiB */
    MACHINE_RANGES = 64,        /* of ports and of MMIO, each */
};

#define MACHINE_HOLE_START UINT64_C(0xc0000000)
#define MACHINE_HOLE_END UINT64_C(0x100000000)

/* Why the machine ended. */
enum machine_end {
    MACHINE_RUNNING,
    MACHINE_POWEROFF,
    MACHINE_REBOOT,
    MACHINE_PANIC,          /* the guest said that it panicked */
    MACHINE_TRIPLE_FAULT,
    MACHINE_EXIT,           /* a freestanding guest wrote machine.status */
    MACHINE_FAILED,         /* of the VMM or of KVM; logged already */
    MACHINE_SIGNAL,         /* the VMM was told to stop; machine.status is the signal */
};

/*
 * A range of ports or addresses and who answers it; `offset` is from `base`, `size` 1, 2, 4 or 8.
 */
struct machine_range {
    uint64_t base, size;
    uint64_t (*read)(void *opaque, uint64_t offset, unsigned size);
    void (*write)(void *opaque, uint64_t offset, unsigned size, uint64_t value);
    void *opaque;
};

struct machine_map {
    struct machine_range range[MACHINE_RANGES];     /* sorted by base, disjoint */
    size_t used;
};

struct machine {
    struct guestmem *memory;        /* for devices; the loop thread's */
    struct guestmem_map *map;       /* the same, held as long as the machine: for any thread */
    int memfd;
    void *base;                     /* the mapping of all of memory */
    uint64_t size, low, high;       /* bytes in all, below the hole, above it */
    struct machine_map ports, mmio;
    enum machine_end end;           /* accessed with __atomic builtins */
    int status;                     /* see enum machine_end; constant after the end */
    void (*ended)(void *opaque);    /* called once, in the thread that ends the machine */
    void *opaque;
};

struct machine_config {
    uint64_t mib;           /* of memory, which is zeroed */
    bool hugepages;         /* from the host's reserved pages of 2 MiB, all of it now */
};

/* Allocates the guest's memory. 0, or -errno logged; undone by machine_free. */
int machine_init(struct machine *machine, const struct machine_config *config,
                 void (*ended)(void *opaque), void *opaque);
void machine_free(struct machine *machine);

/*
 * Describes the guest's memory in another address space, for devices of another thread: it is freed
 * before the machine. 0, or -errno logged.
 */
int machine_add_memory(const struct machine *machine, struct guestmem *memory);

/*
 * Adds a range. -EEXIST when it overlaps another, -ENOSPC when there are too many, -EINVAL when
 * empty or when it wraps; all are mistakes of the caller.
 */
int machine_add_ports(struct machine *machine, const struct machine_range *range);
int machine_add_mmio(struct machine *machine, const struct machine_range *range);

/* One access of a guest: `data` holds `size` bytes (1, 2, 4 or 8), little endian. */
void machine_port(struct machine *machine, uint16_t port, bool is_write, void *data, unsigned size);
void machine_mmio(struct machine *machine, uint64_t gpa, bool is_write, void *data, unsigned size);

/* Ends the machine, if it has not ended yet. */
void machine_end(struct machine *machine, enum machine_end end, int status);
enum machine_end machine_ended(const struct machine *machine);

#endif
