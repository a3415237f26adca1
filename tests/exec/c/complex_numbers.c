/* 6.2.5, 6.5: complex types, GNU integer complex and imaginary constants included. */
#include <complex.h>
#include <stdio.h>

#define SHOW(z) printf("%s = %g%+gi\n", #z, (double)creal(z), (double)cimag(z))
static double _Complex global = 1.0 + 2.0i;
static _Complex float floats[2] = {1.5f, 2.0f + 3.0if};
static _Complex int integer = 3 + 4i;
struct holder { _Complex double z; int n; } holder = {5.0 + 6.0i, 7};
static _Complex double add(_Complex double a, _Complex float b) { return a + b; }
static _Complex float narrow(_Complex double z) { return z; }
static _Complex long double wide(_Complex double z) { return z * 2; }
static _Complex int imul(_Complex int a, _Complex int b) { return a * b; }
static _Complex char bytes(_Complex char a) { return a; }

/* Quotients that no part of overflows, where the plain formula would. */
static const _Complex double halves = (__DBL_MAX__ * 0.5 + __DBL_MAX__ * 0.5i) / (__DBL_MAX__ * 0.25 + __DBL_MAX__ * 0.25i);

int main(void)
{
    printf("%g %g\n", __real__ halves, __imag__ halves);
    _Complex double a = 3.0 + 4.0 * I, b = conj(a), c = a * b, d = a / (1.0 + 1.0 * I);
    SHOW(global); SHOW(floats[1]); SHOW(a); SHOW(b); SHOW(c); SHOW(d); SHOW(-a); SHOW(a - b); SHOW(~a); SHOW(holder.z);
    SHOW(add(a, floats[1])); SHOW(narrow(a)); SHOW(wide(a)); SHOW(a * 2); SHOW(2 - a); SHOW(a / 2.0f); SHOW(2 / a); SHOW(1 ? a : 5);
    printf("%d %d\n", __real__ integer, __imag__ integer);
    _Complex int i = imul(integer, 1 + 2i); i += 5; i *= 2i;
    printf("%d %d %d %d\n", __real__ i, __imag__ i, i == integer, i != integer);
    i = integer / (1 + 1i);
    printf("%d %d\n", __real__ i, __imag__ i);
    __real__ a = 10; __imag__ a += 5; a += 1; a *= 2; a -= 1i; a /= 2;
    SHOW(a);
    printf("%d %d %d %d %d\n", a == b, a != b, !a, a && 1, (_Bool)a);
    printf("%g %g %d\n", (double)a, (float)b, (int)c);
    a = 7; SHOW(a); a = (_Complex double)floats[0]; SHOW(a); a = i; SHOW(a); i = 3.7 + 2.2i; printf("%d %d\n", __real__ i, __imag__ i);
    printf("%g %g %g\n", cabs(3 + 4 * I), carg(1.0i), creal(cexp(0)));
    printf("%zu %zu %zu %zu %zu\n", sizeof(_Complex float), sizeof(_Complex double), sizeof(_Complex long double), sizeof(_Complex char), _Alignof(_Complex float));
    _Complex double *p = &a; *p = 1 + 1i; p[0]++; ++*p; (*p)--; SHOW(*p);
    _Complex char small = bytes(100 + 100i); small += small; printf("%d %d\n", __real__ small, __imag__ small);
    double parts[2]; *(_Complex double *)parts = 8 + 9i; printf("%g %g\n", parts[0], parts[1]);
    _Complex unsigned u = 5 - 3i; printf("%u %u\n", __real__ u, __imag__ u);
    printf("%d\n", _Generic(a + 1.0f, _Complex double : 1, default : 2) + _Generic(floats[0] + 1, _Complex float : 10, default : 20));
    SHOW(__builtin_complex(1.0, -2.0)); SHOW(CMPLX(3, 4)); volatile _Complex double v = 1 + 2i; v += v; SHOW(v);
    _Complex long double l = 1.5L + 2.5Li; l = l * l; printf("%Lg %Lg\n", creall(l), cimagl(l));
    printf("%g %g\n", creal(__real__ a), __imag__ 5.0);
    return 0;
}
