/* Integer arithmetic: promotions, wrap, shifts, division, conversions. */
#include <stdio.h>
#include <stdint.h>
#include <limits.h>
static volatile int vi = -7;
static volatile unsigned vu = 7u;
static volatile signed char sc = -128;
static volatile unsigned char uc = 255;
static volatile short ss = -32768;
static volatile unsigned short us = 65535;
static volatile long long ll = LLONG_MIN;
static volatile unsigned long ul = ULONG_MAX;

int main(void)
{
    printf("%d %d %d %d\n", vi / 2, vi % 2, vi >> 1, vi * 3);
    printf("%u %u %u\n", vu - 8u, vu / 2, vu << 30);
    printf("%d %d %d\n", sc + 1, uc + 1, (unsigned char)(uc + 1));
    printf("%d %d %d\n", us * 1, (short)us, ss - 1);
    printf("%d\n", vi < vu);
    printf("%d %d\n", sc < uc, (unsigned)sc < uc);
    printf("%lld %llu\n", ll / 2, (unsigned long long)ll);
    printf("%lu %lu %ld\n", ul, ul + 2, (long)ul);
    printf("%d %d\n", !vi, !!vu);
    printf("%d\n", ~vi);
    _Bool b = 256;
    printf("%d %d\n", b, (_Bool)0.25);
    b += 5;
    printf("%d ", b);
    b--;
    printf("%d ", b);
    b = !b;
    printf("%d\n", b);
    unsigned char c = 200;
    c += 100;
    printf("%d ", c);
    c <<= 3;
    printf("%d ", c);
    c = -c;
    printf("%d\n", c);
    int x = 5;
    x ^= 3;
    x |= 8;
    x &= ~1;
    x %= 7;
    printf("%d\n", x);
    int before = x++;
    printf("%d %d\n", before + ++x, 0);
    printf("%d\n", x);
    long l = vi;
    unsigned long m = vi;
    printf("%ld %lu\n", l, m);
    __int128 big = (__int128)ll * 3;
    printf("%llx %llx\n", (unsigned long long)(big >> 64), (unsigned long long)big);
    unsigned __int128 ub = (unsigned __int128)ul * ul;
    printf("%llx %llx\n", (unsigned long long)(ub >> 64), (unsigned long long)ub);
    ub /= 1000003;
    printf("%llx %llx\n", (unsigned long long)(ub >> 64), (unsigned long long)ub);
    printf("%d %d %d\n", (int)(char)300, (int)(unsigned char)-1, (int)(short)70000);
    printf("%d %d %d %d\n", 1 ? -1 : 1u, sizeof(char) < -1, -1 < 0u, 'a' * 2);
    printf("%u %d\n", 0x80000000, 0x7fffffff + 0);
    printf("%zu %zu %zu\n", sizeof(0x80000000), sizeof(2147483648), sizeof('a'));
    printf("%d %d\n", '\377', '\x41');
    printf("%d\n", (2, 3, 4));

    enum e { A, B = 10, C, D = -5 } e = C;

    printf("%d %d %zu\n", e, D, sizeof e);
    int sh = 33;
    printf("%lld\n", 1LL << sh);
    uint32_t r = 0x12345678;
    r = r << 7 | r >> 25;
    printf("%x\n", r);
    return vi == -7 ? 0 : 1;
}
