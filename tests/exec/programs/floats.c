/* Floating arithmetic, conversions, comparisons with NaN, long double, float math. */
#include <stdio.h>
#include <math.h>
#include <float.h>
static volatile double d = 1.5, z = 0.0;
static volatile float f = 0.1f;
static volatile long double ld = 1.0L / 3;
static double k[] = { 1e308 * 10, -0.0, 1.0 / 3, 0x1.8p3, 1e-320, DBL_MAX, DBL_MIN };
static float kf[] = { 0.1, 16777217, 1e-45f, FLT_MAX };
static long double kl[] = { 0.1L, LDBL_MAX, 1e4000L, 0x1p-16445L };

int main(void)
{
    for (int i = 0; i < 7; i++)
        printf("%a ", k[i]);
    for (int i = 0; i < 4; i++)
        printf("%a ", kf[i]);
    for (int i = 0; i < 4; i++)
        printf("%La ", kl[i]);
    printf("\n%.17g %.9g %.20Lg\n", d * 3.3 - f, f * f, ld * ld);
    printf("%d %d %d %u\n", (int)-2.9, (int)d, (int)f, (unsigned)3e9);
    printf("%lld %llu\n", (long long)1e18, (unsigned long long)1.8e19);
    printf("%.17g %.17g\n", (double)0xffffffffffffffffUL, (double)(long)-5);
    printf("%.9g %.9g\n", (float)0xffffff7fUL, (float)16777217);
    double nan = z / z, inf = 1 / z;
    printf("%d %d %d %d %d %d\n", nan == nan, nan != nan, nan < 1, !(nan < 1), inf > 1, nan >= nan);
    printf("%d %d %d\n", isnan(nan), isinf(-inf), signbit(-z) != 0);
    printf("%d %d\n", nan ? 1 : 0, z ? 1 : 0);
    printf("%g %g %g\n", -z, z - z, -d);
    d += 1;
    d *= 2;
    d /= 3;
    d -= f;
    printf("%.17g\n", d);
    d++;
    --d;
    f++;
    printf("%.17g %.9g\n", d, f);
    int i = 7;
    i *= 1.5;
    i += 0.7;
    printf("%d\n", i);
    printf("%.17g %.17g\n", sqrt(2.0), pow(2.0, 0.5));
    printf("%g %g %d\n", fabs(-3.25), copysign(2.0, -1.0), (int)isfinite(inf));
    printf("%Lg %d\n", (long double)i / 4, (int)(ld * 9));
    printf("%g\n", (float)1e40 > 1e38f ? 1.0 : 2.0);
    printf("%zu %zu %zu\n", sizeof(float), sizeof(1.0L), sizeof(1.f + 1));
    printf("%g %g\n", 1 ? 2 : 3.5, (double)1 / 2);
    return 0;
}
