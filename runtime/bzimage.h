/*
 * bzimage.h - takes the ELF kernel out of a bzImage, the form in which distributions ship Linux.
 *
 * Layout: Linux' Documentation/arch/x86/boot.rst, protocol 2.10 and newer. Nothing in the file is
 * trusted: the payload must lie in the file, and what it unpacks to in the memory that the header
 * says the kernel needs (init_size), which must be there in the guest. So a small file cannot take
 * more of the host than the guest was given.
 */
#ifndef CPC_BZIMAGE_H
#define CPC_BZIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guestmem.h"

/* True when the file has the setup header of a bzImage. */
bool bzimage_recognise(int fd);

/* An ELF file that was unpacked: in the guest's memory, near where its segments go, if it could be. */
struct bzimage_elf {
    void *bytes;
    size_t size;
    uint64_t gpa;               /* of `bytes`; 0: they are in memory of our own */
};

/*
 * The unpacked payload of `fd`, which has `file_size` bytes, in guest memory not below min_gpa, which
 * nobody uses yet; `path` is for the log. 0, or -errno with one sentence logged. bzimage_free in the end.
 */
int bzimage_unpack(int fd, const char *path, uint64_t file_size, const struct guestmem_map *memory,
                   uint64_t min_gpa, struct bzimage_elf *elf);
void bzimage_free(struct bzimage_elf *elf);

/* Takes the file out of the guest's memory, which is zeroes then. -ENOMEM. */
int bzimage_leave_guest(struct bzimage_elf *elf);

#endif
