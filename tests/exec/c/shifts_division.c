/* 6.5.5, 6.5.7: shifts, division and remainder of every width and sign. */
#include <limits.h>
#include <stdio.h>

#define OPS(T, fmt) static void ops_##fmt(T a, T b, int n) \
    { printf("%" #fmt " %" #fmt " %" #fmt " %" #fmt " ", (T)(a / b), (T)(a % b), (T)(a >> n), (T)(a << (n & 3))); \
      T c = a; c /= b; T d = a; d %= b; T e = a; e >>= n; printf("%" #fmt " %" #fmt " %" #fmt "\n", c, d, e); }
OPS(int, d) OPS(unsigned, u) OPS(long, ld) OPS(unsigned long, lu) OPS(signed char, hhd) OPS(unsigned char, hhu) OPS(short, hd) OPS(unsigned short, hu)

int main(void)
{
    static const int as[] = {0, 1, 7, -7, 100, -100, INT_MAX, INT_MIN + 1, 0x12345678};
    static const int bs[] = {1, -1, 2, -2, 3, -3, 7, 10, -10};
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < 9; j++) {
            ops_d(as[i], bs[j], j * 3); ops_u(as[i], bs[j], j * 3); ops_ld((long)as[i] * 77777, bs[j], j * 7); ops_lu((long)as[i] * 99999, bs[j], j * 7);
            ops_hhd(as[i], bs[j], j & 7); ops_hhu(as[i], bs[j], j & 7); ops_hd(as[i], bs[j], j); ops_hu(as[i], bs[j], j);
        }
    printf("%d %d %d\n", -8 >> 1, -1 >> 31, (signed char)-128 >> 7);
    printf("%u %d\n", 0x80000000u >> 31, (unsigned char)0x80 << 24 >> 24);
    printf("%ld %lu\n", 1L << 62, 1UL << 63);
    int x = 1; long long n = 4;
    x <<= n; printf("%d ", x); x <<= (char)2; printf("%d ", x); x >>= 3ull; printf("%d\n", x);
    printf("%d %d %d %d\n", 7 / 2 * 2 + 7 % 2, -7 / 2, -7 % 2, 7 % -2);
    printf("%ld %ld\n", LONG_MIN / 10, LONG_MIN % 10);
    printf("%d %d\n", (unsigned short)40000 * 50000 == 2000000000, 'a' * 1000);
    volatile int vi = -17; volatile unsigned vu = 17; 
    printf("%d %d %u %u %d %d\n", vi / 4, vi % 4, vi / vu, vi % vu, vi / 8, vi % 8);
    for (int k = 1; k <= 64; k *= 2) printf("%d %d %d;", vi / k, vi % k, vi >> (k & 31));
    printf("\n");
    return 0;
}
