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

/*
 * The unpacked payload of `fd`, which has `file_size` bytes; `path` is for the log. 0, or -errno
 * with one sentence logged; *elf is given back by bzimage_free.
 */
int bzimage_unpack(int fd, const char *path, uint64_t file_size, const struct guestmem_map *memory,
                   void **elf, size_t *elf_size);
void bzimage_free(void *elf, size_t elf_size);

#endif
