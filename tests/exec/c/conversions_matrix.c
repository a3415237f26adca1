/* 6.3.1: every arithmetic type converted to every other, at the edges. */
#include <stdio.h>

#define TYPES(X) X(_Bool, b) X(char, c) X(signed char, sc) X(unsigned char, uc) X(short, s) X(unsigned short, us) X(int, i) \
    X(unsigned, u) X(long, l) X(unsigned long, ul) X(long long, ll) X(unsigned long long, ull)
#define FLOATS(X) X(float, f) X(double, d) X(long double, ld)

#define CONVERT(T, n) static void to_##n(long long v, unsigned long long w) \
    { T a = v, b = w; volatile T c = (T)v; printf(#T " %lld %lld %lld;", (long long)a, (long long)b, (long long)c); }
TYPES(CONVERT)
#define FROM(T, n) static void from_##n(T v) { \
    printf(#T ": %a %a %La ", (double)(float)v, (double)v, (long double)v); \
    printf("%d %d %d %d\n", v < 0, v == (float)v, v < 1u, v > -1L); }
TYPES(FROM)
FLOATS(FROM)
#define FLOAT_TO(T, n) static void float_to_##n(T v) { printf(#T " %d %d %lld %llu %u %d %d %d\n", (int)v, (short)v, \
    (long long)v, (unsigned long long)v, (unsigned)v, (signed char)v, (_Bool)v, !v); }
FLOATS(FLOAT_TO)

int main(void)
{
    static const long long values[] = {0, 1, -1, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2147483647, 2147483648LL,
        4294967295LL, 4294967296LL, 9223372036854775807LL, -9223372036854775807LL - 1, -128, -129, -32769, 16777217, 9007199254740993LL};
    for (unsigned k = 0; k < sizeof values / sizeof *values; k++) {
#define CALL(T, n) to_##n(values[k], (unsigned long long)values[k] * 3); from_##n((T)values[k]);
        TYPES(CALL)
#define CALL2(T, n) from_##n((T)values[k]);
        FLOATS(CALL2)
    }
    static const double floats[] = {0.0, -0.0, 0.25, 0.999, 1.5, 2.5, 100.99, 126.5};
    for (unsigned k = 0; k < sizeof floats / sizeof *floats; k++) {
        float_to_f(floats[k]); float_to_d(floats[k]); float_to_ld(floats[k]);
    }
    double big = 1.8446744073709550e19;
    printf("%llu %llu\n", (unsigned long long)big, (unsigned long long)(float)9.3e18f);
    long double bigger = 18446744073709551615.0L;
    printf("%llu %lld\n", (unsigned long long)bigger, (long long)-9223372036854775808.0L);
    printf("%.1f %.1Lf %.1f\n", (double)18446744073709551615ull, (long double)18446744073709551615ull, (double)(float)0x8000008000000001ull);
    return 0;
}
