/* SHA-256: rotations and additions of 32-bit words. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t constants[64];

static uint32_t rotate(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static void block(uint32_t state[8], const uint8_t *data)
{
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++) {
        const uint8_t *p = data + 4 * i;
        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    }
    for (int i = 16; i < 64; i++) {
        uint32_t a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    memcpy(s, state, sizeof(s));
    for (int i = 0; i < 64; i++) {
        uint32_t one = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
        uint32_t t = s[7] + one + ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants[i] + w[i];
        uint32_t zero = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
        uint32_t u = zero + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof(s[0]));
        s[4] += t;
        s[0] = t + u;
    }
    for (int i = 0; i < 8; i++) {
        state[i] += s[i];
    }
}

int main(void)
{
    static uint8_t data[1 << 16];
    uint32_t state[8];
    for (int i = 0; i < 64; i++) {
        constants[i] = 0x428a2f98u * (uint32_t)(i + 1) ^ 0x9e3779b9u << (i % 29);
    }
    for (int i = 0; i < 8; i++) {
        state[i] = 0x6a09e667u + 0x01010101u * (uint32_t)i;
    }
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 37);
    }
    for (int round = 0; round < 400; round++) {
        for (size_t i = 0; i < sizeof(data); i += 64) {
            block(state, data + i);
        }
    }
    for (int i = 0; i < 8; i++) {
        printf("%08x", state[i]);
    }
    puts("");
    return 0;
}
