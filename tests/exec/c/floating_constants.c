/* 6.4.4.2: floating constants, decimal and hexadecimal, of the three types; exact bits. */
#include <float.h>
#include <stdio.h>
#include <string.h>

static void bits(const char *name, const void *p, size_t n)
{
    printf("%s ", name);
    for (size_t i = 0; i < n; i++)
        printf("%02x", ((const unsigned char *)p)[i]);
    printf("\n");
}

#define F(x) do { float v = (x); bits(#x, &v, 4); } while (0)
#define D(x) do { double v = (x); bits(#x, &v, 8); } while (0)
#define L(x) do { long double v = (x); bits(#x, &v, 10); } while (0)

static float global_float = 1e-45f;
static double with_suffix = 0.1d + 1e2D;
static double global_double = 0x1.fffffffffffffp+1023;
static long double global_long = 3.14159265358979323846264338327950288L;
static long double array[] = {1, 2.5f, 1e4000L, -0.0, 0x1p-16445L, 18446744073709551615ull, -9223372036854775807ll - 1};

int main(void)
{
    F(1.5f); F(0.1f); F(.5e1F); F(1e10f); F(3.4028235e38f); F(1.17549435e-38f); F(1e-40f); F(0x1p-149f); F(0.1); F(16777217.0f);
    D(1.5); D(0.1); D(1e308); D(2.2250738585072014e-308); D(4.9e-324); D(0x1.8p1); D(0x.8p+0); D(0xAp-1); D(1.); D(.1);
    D(1e400); D(123456789012345678901234567890.0); D(0.1f); D(0.1L); D(9007199254740993.0);
    L(1.5L); L(0.1L); L(0.1); L(0.1f); L(1e4932L); L(3.6e-4951L); L(0x1.fffffffffffffffep0L); L(1e-4940l);
    F(FLT_MAX); F(FLT_MIN); F(FLT_EPSILON); D(DBL_MAX); D(DBL_MIN); D(DBL_EPSILON); L(LDBL_MAX); L(LDBL_MIN); L(LDBL_EPSILON);
    bits("g", &global_float, 4);
    bits("g", &global_double, 8);
    bits("d", &with_suffix, 8);
    bits("g", &global_long, 10);
    for (unsigned i = 0; i < sizeof array / sizeof *array; i++)
        bits("a", &array[i], 10);
    printf("%zu %zu %zu\n", sizeof 1.f, sizeof 1., sizeof 1.l);
    printf("%d %d %d %d\n", FLT_EVAL_METHOD, FLT_DIG, DBL_MANT_DIG, LDBL_MAX_EXP);
    printf("%.20Lg %a %La\n", 0.1L, 0.1, 0.1L);
    return 0;
}
