/*
 * unpack.c - see unpack.h.
 */
#define ZLIB_CONST              /* its input is const */

#include "unpack.h"

#include <errno.h>
#include <limits.h>
#include <lz4.h>
#include <lzma.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum {
    LZ4_BLOCK_MAX = 8 << 20,        /* of the legacy frame format, unpacked */
    LZ4_MAGIC = 0x184c2102,
    GZIP_WINDOW = 15 + 16,          /* zlib's way to say: 32 KiB, with gzip's header */
};

static const uint64_t LZMA_MEMORY_MAX = 256 << 20;     /* Linux is packed with 32 MiB */

static uint32_t read32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16
           | (uint32_t)bytes[3] << 24;
}

/* Blocks of at most 8 MiB, each after its packed size; the magic number may come again. */
static int unpack_lz4(const uint8_t *in, size_t size, uint8_t *out, size_t out_size)
{
    size_t at = 0, done = 0;

    while (done < out_size) {
        size_t room = out_size - done < LZ4_BLOCK_MAX ? out_size - done : LZ4_BLOCK_MAX;
        uint32_t block;
        int n;

        if (size - at < sizeof block)
            return -EILSEQ;
        block = read32(in + at);
        at += sizeof block;
        if (block == LZ4_MAGIC)
            continue;
        if (block > size - at || block > INT_MAX)
            return -EILSEQ;
        n = LZ4_decompress_safe((const char *)in + at, (char *)out + done, (int)block, (int)room);
        if (n <= 0)
            return -EILSEQ;
        at += block;
        done += (size_t)n;
    }
    return 0;
}

static int unpack_zstd(const uint8_t *in, size_t size, uint8_t *out, size_t out_size)
{
    size_t frame = ZSTD_findFrameCompressedSize(in, size);

    if (ZSTD_isError(frame) || ZSTD_decompress(out, out_size, in, frame) != out_size)
        return -EILSEQ;
    return 0;
}

static int unpack_gzip(const uint8_t *in, size_t size, uint8_t *out, size_t out_size)
{
    z_stream stream = {
        .next_in = in,
        .avail_in = size < UINT_MAX ? (unsigned)size : UINT_MAX,
        .next_out = out,
        .avail_out = (unsigned)out_size,
    };
    int status;

    if (out_size > UINT_MAX || inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
        return -EILSEQ;
    status = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    return status == Z_STREAM_END && stream.avail_out == 0 ? 0 : -EILSEQ;
}

/* Both of liblzma's formats. */
static int run_lzma(lzma_stream *stream, const uint8_t *in, size_t size, uint8_t *out,
                    size_t out_size)
{
    lzma_ret status;

    stream->next_in = in;
    stream->avail_in = size;
    stream->next_out = out;
    stream->avail_out = out_size;
    do {
        status = lzma_code(stream, LZMA_RUN);
    } while (status == LZMA_OK && stream->avail_in > 0 && stream->avail_out > 0);
    if (status == LZMA_OK)
        status = lzma_code(stream, LZMA_FINISH);    /* all is out, the end mark is not read yet */
    lzma_end(stream);
    return status == LZMA_STREAM_END && stream->avail_out == 0 ? 0 : -EILSEQ;
}

static int unpack_xz(const uint8_t *in, size_t size, uint8_t *out, size_t out_size)
{
    lzma_stream stream = LZMA_STREAM_INIT;

    if (lzma_stream_decoder(&stream, LZMA_MEMORY_MAX, 0) != LZMA_OK)
        return -EILSEQ;
    return run_lzma(&stream, in, size, out, out_size);
}

static int unpack_lzma(const uint8_t *in, size_t size, uint8_t *out, size_t out_size)
{
    lzma_stream stream = LZMA_STREAM_INIT;

    if (lzma_alone_decoder(&stream, LZMA_MEMORY_MAX) != LZMA_OK)
        return -EILSEQ;
    return run_lzma(&stream, in, size, out, out_size);
}

static const struct format {
    const char *name, *magic;
    size_t magic_size;
    int (*unpack)(const uint8_t *in, size_t size, uint8_t *out, size_t out_size);
} formats[] = {
    {"LZ4", "\x02\x21\x4c\x18", 4, unpack_lz4},
    {"zstd", "\x28\xb5\x2f\xfd", 4, unpack_zstd},
    {"gzip", "\x1f\x8b", 2, unpack_gzip},
    {"xz", "\xfd\x37zXZ\0", 6, unpack_xz},
    {"lzma", "\x5d\0\0", 3, unpack_lzma},
    {"bzip2", "BZh", 3, NULL},
    {"LZO", "\x89LZO", 4, NULL},
};

static const struct format *find_format(const void *packed, size_t size)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        const struct format *f = &formats[i];

        if (size >= f->magic_size && memcmp(packed, f->magic, f->magic_size) == 0)
            return f;
    }
    return NULL;
}

const char *unpack_format(const void *packed, size_t size)
{
    const struct format *f = find_format(packed, size);

    return f != NULL ? f->name : NULL;
}

int unpack(const void *packed, size_t size, void *out, size_t out_size)
{
    const struct format *f = find_format(packed, size);

    if (f == NULL || f->unpack == NULL)
        return -EPROTONOSUPPORT;
    return f->unpack(packed, size, out, out_size);
}
