/* _Float32, _Float64, _Float32x and _Float64x are types of their own: _Generic, common types, variable arguments. */
#define __STDC_WANT_IEC_60559_TYPES_EXT__ 1
#define _GNU_SOURCE
#include <stdio.h>
#include <math.h>
#include <stdarg.h>
#include <float.h>
#include <complex.h>
#define G(x) _Generic((x), float: "float", double: "double", long double: "ldouble", _Float32: "f32", \
    _Float64: "f64", _Float32x: "f32x", _Float64x: "f64x", _Float128: "f128", default: "other")
_Float32 f32 = 1.5f32;
_Float64 f64 = 2.5f64;
_Float32x f32x = 3.5f32x;
_Float64x f64x = 4.5f64x;
_Float128 f128 = 5.5f128;
float f;
double d;
long double l;

static _Float32 add(_Float32 a, _Float32 b) { return a + b; }
static double va(int n, ...)
{
    va_list ap;
    va_start(ap, n);
    double r = va_arg(ap, _Float32);
    r += va_arg(ap, _Float64);
    r += va_arg(ap, _Float32x);
    r += va_arg(ap, _Float64x);
    r += va_arg(ap, double);
    va_end(ap);
    return r;
}
struct s { _Float32 a, b; _Float64 c; };
static struct s pass(struct s x) { x.a++; return x; }
int main(void)
{
    printf("%s %s %s %s %s %s\n", G(f32), G(f64), G(f32x), G(f64x), G(f128), G(1.0f32));
    printf("%s %s %s %s %s %s %s %s\n", G(f32 + f), G(f32 + d), G(f64 + d), G(f64 + f32x), G(f32x + d),
           G(f64x + l), G(f128 + l), G(f64 + l));
    printf("%s %s %s %s %s\n", G(f32 + 1), G(f32 * f32), G(-f32), G(f32 ? f32 : f), G(f64x + f64));
    printf("%g %g %d\n", (double)add(1, 2.5), va(4, f32, f64, f32x, f64x, 6.5), (int)sizeof(f64x));
    struct s x = pass((struct s){1, 2, 3});
    printf("%g %g\n", (double)x.a, (double)x.c);
    printf("%g %g\n", (double)sqrtf32(4.0f32), (double)fabsf64(-3));
    printf("%g %d\n", (double)FLT32_MAX, FLT64X_MANT_DIG);
    _Float32 *p = &f32;
    f = *p;
    d = f64;
    printf("%g %g\n", f, d);
    _Complex _Float32 z = 1.0f32 + 2.0if;
    z *= z;
    printf("%g %g\n", (double)__real__ z, (double)__imag__ z);
    _Complex _Float64x zx = 1 + 3.i;
    zx *= 2;
    printf("%g\n", (double)__imag__ zx);
    printf("%g %d %d\n", (double)__builtin_inff32(), isnan(f32), signbit(-f64));
    f32 += 0.1;
    f32++;
    printf("%.9g\n", (double)f32);
    _Float32 arr[] = {1, 2, [3] = 0.5f};
    printf("%zu %g\n", sizeof arr, (double)arr[3]);
    printf("%d\n", __builtin_types_compatible_p(_Float64, double));
    return fmax(f64, 2.0) > 2.6;
}
