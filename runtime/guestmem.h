/*
 * Guest memory: the only place that turns a guest address into a pointer.
 *
 * A struct guestmem is one guest's address space. Its regions are held in a map: an immutable,
 * reference-counted table. Adding or removing a region makes a new map; whoever still works with
 * the old one (a ring, a request in flight) keeps it alive, and a mapping is unmapped only when no
 * map that contains it is left. So a front end may replace its memory while requests are in flight.
 *
 * Establishes: every pointer given out covers bytes of one region, and stays valid while the map
 * is held. Bytes behind it change under our feet: copy once, check the copy.
 *
 * A peer can truncate a file it shared with us. The first touch then raises SIGBUS; the handler
 * installed here puts zero pages where the file was and marks the mapping lost, so that queues on
 * it are given up (guestmem_lost). Rejected: insisting on sealed memfds, which User-mode Linux and
 * memory-backend-file do not have.
 *
 * Rejected: a lock per lookup. Maps and their counts change only in the loop thread.
 */
#ifndef GUESTMEM_H
#define GUESTMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define GUESTMEM_MAX_REGIONS 64

struct guestmem;
struct guestmem_map;

/* A new, empty address space. Ends the process when memory is out. */
struct guestmem *guestmem_new(void);

/* Drops the current map. Maps that others hold live on. */
void guestmem_free(struct guestmem *gm);

/*
 * Adds RAM that the caller owns and keeps mapped until guestmem_free and the last held map are
 * gone. 0, -EINVAL (size 0, a sum that wraps), -EEXIST (overlaps a region), -ENOSPC.
 */
int guestmem_add(struct guestmem *gm, uint64_t gpa, uint64_t size, void *hva);

/*
 * Maps size bytes of fd from offset (any multiple of 4096) and adds them; uva is the address the
 * front end knows the region by. The file must be long enough. fd stays the caller's.
 * 0, the errors of guestmem_add (overlaps of uva count too), or those of fstat and mmap.
 */
int guestmem_map_fd(struct guestmem *gm, uint64_t gpa, uint64_t uva, uint64_t size,
                    int fd, uint64_t offset);

/* Takes the region with exactly these values away. 0 or -ENOENT. */
int guestmem_remove(struct guestmem *gm, uint64_t gpa, uint64_t uva, uint64_t size);

/* Takes all regions away. */
void guestmem_clear(struct guestmem *gm);

/* Number of regions now. */
unsigned guestmem_regions(const struct guestmem *gm);

/* The current map with one more reference, for guestmem_drop. Never NULL. */
struct guestmem_map *guestmem_hold(struct guestmem *gm);

/* One more reference to a map that is held already. */
struct guestmem_map *guestmem_share(struct guestmem_map *map);

void guestmem_drop(struct guestmem_map *map);

/*
 * Pointer to len bytes at gpa when all of them lie in one region; else NULL. len 0: NULL.
 */
void *guestmem_hva(const struct guestmem_map *map, uint64_t gpa, uint64_t len);

/*
 * Describes len bytes at gpa in up to max entries of iov: more than one only where regions that
 * touch meet. Returns the number of entries, or 0 when len is 0, a byte is outside every
 * region or max is too small.
 */
unsigned guestmem_iov(const struct guestmem_map *map, uint64_t gpa, uint64_t len,
                      struct iovec *iov, unsigned max);

/* Guest address of the front end's address uva. False: no region has it. */
bool guestmem_gpa_of_uva(const struct guestmem_map *map, uint64_t uva, uint64_t *gpa);

/* True after a page of one of the map's files was found truncated. */
bool guestmem_lost(const struct guestmem_map *map);

#endif
