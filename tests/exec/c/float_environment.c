/* The floating-point environment: what raises which exception, quiet and signalling comparisons, rounding modes. */
#include <fenv.h>
#include <math.h>
#include <stdio.h>

#define SHOW(e) do { feclearexcept(FE_ALL_EXCEPT); int value = (int)(e), f = fetestexcept(FE_ALL_EXCEPT); \
    printf("%-22s %d %s%s%s%s%s\n", #e, value, f & FE_INVALID ? "I" : "", f & FE_DIVBYZERO ? "Z" : "", \
           f & FE_OVERFLOW ? "O" : "", f & FE_UNDERFLOW ? "U" : "", f & FE_INEXACT ? "X" : ""); } while (0)
#define TYPE(T, large) do { volatile T x = NAN, y = 1, z = 0, o = 1, b = large, t = 3, r; \
    SHOW(x < y); SHOW(x <= y); SHOW(x > y); SHOW(x >= y); SHOW(x == y); SHOW(x != y); SHOW(!(x < y)); \
    SHOW(isless(x, y)); SHOW(islessequal(x, y)); SHOW(isgreater(x, y)); SHOW(isgreaterequal(x, y)); \
    SHOW(islessgreater(x, y)); SHOW(isunordered(x, y)); SHOW(isnan(x)); SHOW(isinf(x)); SHOW(isfinite(x)); \
    SHOW(fpclassify(x)); SHOW(!x); SHOW(x ? 1 : 2); SHOW((r = o / t, 0)); SHOW((r = o / z, 0)); SHOW((r = z / z, 0)); \
    SHOW((r = b * b, 0)); SHOW((r = -x, 0)); SHOW((r = x + y, 0)); SHOW((r = o / b / b, 0)); SHOW((int)o); \
    SHOW((r = (float)o / 3, 0)); SHOW(y < x && x < y); } while (0)

typedef float v4 __attribute__((vector_size(16)));
typedef int i4 __attribute__((vector_size(16)));

static double third(void) { return 1.0 / 3.0; }
static double folded[2] = {1.0 / 3.0, 0.0};

static void rounded(void)
{
    volatile double one = 1, three = 3, m = -1;
    volatile float of = 1, tf = 3;
    volatile long double ol = 1, tl = 3;
    volatile long l = 0x7fffffffffffffffL;
    volatile unsigned long ul = -1UL;
    volatile __int128 wide = ((__int128)1 << 100) + 1;
    volatile unsigned u = 4000000001;
    v4 a = {1, 2, 3, m}, b = {3, 3, 3, tf}, c = a / b;
    printf("%a %a %a %La\n", one / three, m / three, (double)(of / tf), ol / tl);
    printf("%a %a %a %a %a\n", (double)l, (double)ul, (double)(float)l, (double)(float)ul, (double)(float)u);
    printf("%a %a %a %a\n", nearbyint(m / three), rint(three / 2), sqrt(three), fma(one, three, 1e-20));
    printf("%a %a %d %ld\n", (double)(float)three, (double)(float)(one / three), (int)(m / three), lrint(one / three + 1));
    printf("%a %a %a %a\n", one / three * three - one, (double)wide, c[0], c[3]);
}

int main(void)
{
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    volatile double d = 1e10, h = 0.5, e;
    volatile int i;
    volatile float f;
    volatile long l = 0x7fffffffffffffffL;
    volatile unsigned long ul = -1UL;
    volatile v4 p = {1, 2, 3, 4}, q = {3, 3, NAN, 3};
    volatile i4 mask;
    TYPE(float, 1e30f);
    TYPE(double, 1e300);
    TYPE(long double, 1e4000L);
    TYPE(_Float128, 1e4000L);
    SHOW((i = (int)d, 0)); SHOW((i = (int)h, 0)); SHOW((f = d * d * d * d, 0)); SHOW((f = 0.1, 0)); SHOW((e = l, 0));
    SHOW((e = ul, 0)); SHOW((f = l, 0)); SHOW((e = sqrt(-h), 0)); SHOW((e = floor(h), 0)); SHOW((e = rint(h), 0));
    SHOW((e = nearbyint(h), 0)); SHOW(0.0 / 0.0 == 0); SHOW(1.0 / 0.0 > 0); SHOW(INFINITY - INFINITY == 0);
    SHOW((mask = p < q, mask[2])); SHOW((mask = p == q, mask[1])); SHOW((p = p * 2, 0));
    for (int k = 0; k < 4; k++) {
        fesetround(modes[k]);
        rounded();
        fesetround(FE_TONEAREST);
    }
    return folded[0] != third();
}
