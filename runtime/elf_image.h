/*
 * elf_image.h - reads an ELF executable, bare or in a bzImage, into guest memory, trusting nothing
 * in it.
 *
 * Knows files and guest addresses; what the program is started with is boot.c's.
 */
#ifndef CPC_ELF_IMAGE_H
#define CPC_ELF_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "guestmem.h"

struct elf_image {
    uint64_t entry;         /* the file's own */
    uint64_t pvh_entry;     /* of note 18; 0: there is none */
    uint64_t end;           /* the first address behind all of it */
    bool is_64;
    bool is_flat; /* it has a note 1 of "CPC": a freestanding program that says so itself */
};

/*
 * Loads the segments of `path` at their physical addresses, none below `min_gpa`. Memory that a
 * segment has beyond its bytes in the file must be zero already. 0, or -errno with one sentence
 * logged.
 */
int elf_image_load(const struct guestmem_map *memory, const char *path, uint64_t min_gpa,
                   struct elf_image *image);

/* Reads `size` bytes of `fd` at `offset`. 0, -EIO when the file ends before, or -errno. */
int read_exactly(int fd, void *bytes, uint64_t size, uint64_t offset);

#endif
