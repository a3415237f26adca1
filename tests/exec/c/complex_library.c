/* Library functions of complex numbers, their builtins, and <tgmath.h> on them. */
#include <complex.h>
#include <stdio.h>
#include <tgmath.h>

static _Complex double z = 3 - 4i;
static _Complex float zf = 1.5f + 2i;
static _Complex long double zl = -2 + 0.5i;

static void show(const char *what, _Complex long double v)
{
    printf("%s %.9Lg %.9Lg\n", what, __real__ v, __imag__ v);
}

int main(void)
{
    show("conj", __builtin_conj(z));
    show("conjf", (conjf)(zf));
    show("creal", __builtin_creal(z) + __builtin_cimagf(zf) + __builtin_creall(zl));
    show("cabs", __builtin_cabs(z) + __builtin_cabsf(zf));
    show("cexp", __builtin_cexp(z * 0.25));
    show("cpow", __builtin_cpow(z, 2));
    show("csqrt", __builtin_csqrtf(zf));
    show("carg", carg(2.0) + carg(-1.0f) + carg(zl));
    show("tgmath", sqrt(z) + exp(zf) + conj(1.0) + cproj(2.0f) + fabs(zl));
    show("of an integer", __builtin_creal(7) + creal(3));
    printf("%d\n", __builtin_abs(-7.9) + (int)__builtin_labs(-3.5f));
}
