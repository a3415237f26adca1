/* LZ compression with a hash of four bytes, and its decompression with overlapping match copies. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SIZE (1 << 18)

static uint8_t input[SIZE], packed[2 * SIZE], output[SIZE];
static uint32_t heads[1 << 14];

static uint32_t read32(const uint8_t *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof(x));
    return x;
}

static size_t pack(uint8_t *to, const uint8_t *from, size_t size)
{
    size_t out = 0, at = 0;
    memset(heads, 0, sizeof(heads));
    while (at < size) {
        size_t length = 0, before = 0;
        if (at + 4 <= size) {
            uint32_t *head = &heads[read32(from + at) * 2654435761u >> 18];
            before = *head;
            *head = (uint32_t)at;
            while (before < at && at - before < 65536 && at + length < size && length < 255 &&
                   from[before + length] == from[at + length]) {
                length++;
            }
        }
        if (length >= 5) {
            size_t distance = at - before;
            to[out++] = (uint8_t)length;
            to[out++] = (uint8_t)distance;
            to[out++] = (uint8_t)(distance >> 8);
            at += length;
        } else {
            to[out++] = 0;
            to[out++] = from[at++];
        }
    }
    return out;
}

static size_t unpack(uint8_t *to, const uint8_t *from, size_t size)
{
    size_t out = 0;
    for (const uint8_t *end = from + size; from < end;) {
        size_t length = *from++;
        if (length == 0) {
            to[out++] = *from++;
            continue;
        }
        size_t distance = from[0] | (size_t)from[1] << 8;
        from += 2;
        for (size_t i = 0; i < length; i++, out++) {
            to[out] = to[out - distance];
        }
    }
    return out;
}

int main(void)
{
    uint32_t random = 3;
    unsigned long sum = 0;
    for (size_t i = 0; i < SIZE; i++) {
        random = random * 1664525 + 1013904223;
        input[i] = i > 400 && (random >> 24) < 240 ? input[i - 300 - (i >> 9 & 63)] : (uint8_t)(random >> 16);
    }
    for (int round = 0; round < 240; round++) {
        size_t size = pack(packed, input, SIZE);
        sum = sum * 7 + size + unpack(output, packed, size);
        sum += (unsigned long)memcmp(input, output, SIZE);
        input[round * 999] ^= 0x55;
    }
    printf("%lu\n", sum);
    return 0;
}
