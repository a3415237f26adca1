/*
 * unpack.h - unpacks what Linux kernels are packed with, by the libraries of those formats.
 *
 * LZ4 (legacy frames), zstd, gzip, xz and lzma are unpacked; bzip2 and LZO are known by name only.
 * Neither the packed bytes nor the size that goes with them is trusted: what is written stays
 * inside `out`, and memory that a decoder takes is bounded.
 */
#ifndef CPC_UNPACK_H
#define CPC_UNPACK_H

#include <stddef.h>

/* The format that `packed` begins with, in words for the user; NULL: none that is known. */
const char *unpack_format(const void *packed, size_t size);

/*
 * Unpacks into `out`, which must come out exactly full; bytes behind the packed data are ignored.
 * 0, -EPROTONOSUPPORT (a format that is not unpacked here) or -EILSEQ (damaged, or another size).
 */
int unpack(const void *packed, size_t size, void *out, size_t out_size);

#endif
