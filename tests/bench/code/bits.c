/* Bits: counted by several methods, reversed, and a CRC by table. */
#include <stdint.h>
#include <stdio.h>

#define WORDS 4096

static uint64_t words[WORDS];
static uint32_t table[256];

static int count_loop(uint64_t x)
{
    int count = 0;
    for (; x; x &= x - 1) {
        count++;
    }
    return count;
}

static int count_masks(uint64_t x)
{
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (int)(x * 0x0101010101010101u >> 56);
}

static uint32_t crc(const uint8_t *p, size_t size)
{
    uint32_t x = ~0u;
    for (size_t i = 0; i < size; i++) {
        x = table[(x ^ p[i]) & 255] ^ x >> 8;
    }
    return ~x;
}

int main(void)
{
    uint64_t random = 88172645463325252u, sum = 0;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t x = i;
        for (int k = 0; k < 8; k++) {
            x = x >> 1 ^ (x & 1 ? 0xedb88320u : 0);
        }
        table[i] = x;
    }
    for (int i = 0; i < WORDS; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        words[i] = random;
    }
    for (int round = 0; round < 4000; round++) {
        for (int i = 0; i < WORDS; i++) {
            sum += (uint64_t)(count_masks(words[i]) + __builtin_popcountll(words[i]) + __builtin_clzll(words[i] | 1));
        }
        if (round % 8 == 0) {
            for (int i = 0; i < WORDS; i++) {
                sum += (uint64_t)count_loop(words[i] >> (round & 7));
            }
            sum += crc((const uint8_t *)words, sizeof(words));
        }
        words[round % WORDS] += sum;
    }
    printf("%llu\n", (unsigned long long)sum);
    return 0;
}
