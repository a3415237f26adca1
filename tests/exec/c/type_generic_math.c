/* 7.25: <tgmath.h>. */
#include <tgmath.h>
#include <stdio.h>
#include <complex.h>
int main(void) { float f = 2; double d = 2; long double l = 2; _Complex double z = 3 + 4i; _Complex float zf = 1i; int i = 4; printf("%zu %zu %zu %zu %zu\n", sizeof sqrt(f), sizeof sqrt(d), sizeof sqrt(l), sizeof sqrt(i), sizeof sqrt(zf)); printf("%g %g %Lg %g\n", sqrt(f), sin(d), exp(l), pow(i, f)); printf("%g %g\n", fabs(z), creal(sqrt(z))); printf("%g %g %d\n", fmax(f, d), ldexp(f, 3), (int)lround(f)); printf("%g %g\n", cimag(zf), carg(z)); int e; printf("%g\n", frexp(8.0f, &e)); printf("%zu %g\n", sizeof atan2(f, f), fma(f, d, i)); return 0; }
