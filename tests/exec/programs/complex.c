/* _Complex: arithmetic, parts, passing and returning, comparison, conversion. */
#include <stdio.h>
#include <complex.h>

static __attribute__((noinline)) double _Complex md(double _Complex a, double _Complex b)
{
    return a * b + 1;
}

static __attribute__((noinline)) float _Complex mf(float _Complex a, float b)
{
    return a / (b + 1.0fi);
}

static __attribute__((noinline)) long double _Complex ml(long double _Complex a)
{
    return a * a - 2.0il;
}

static double _Complex g = 1.0 + 2.0i;
static _Complex int gi = 3 + 4i;

int main(void)
{
    double _Complex z = 3 + 4 * I, w = g;
    printf("%g %g\n", creal(z), cimag(z));
    z = md(z, w);
    printf("%g %g\n", __real__ z, __imag__ z);
    z /= w;
    z -= 1;
    z *= 2;
    printf("%g %g\n", creal(z), cimag(z));
    float _Complex f = mf(1 + 2i, 3);
    printf("%g %g\n", crealf(f), cimagf(f));
    long double _Complex l = ml(1.5L + 2.0il);
    printf("%Lg %Lg\n", creall(l), cimagl(l));
    printf("%d %d %d\n", z == z, z != w, z ? 1 : 0);
    __imag__ z = 7;
    __real__ z += 1;
    printf("%g %g\n", creal(z), cimag(z));
    printf("%g %g\n", creal(~z), cimag(~z));
    z = -z;
    printf("%g %g\n", creal(z), cimag(z));
    double d = z;
    int i = w;
    printf("%g %d\n", d, i);
    gi = gi * gi;
    printf("%d %d\n", __real__ gi, __imag__ gi);
    gi = gi / 2;
    printf("%d %d\n", __real__ gi, __imag__ gi);
    double _Complex a[2] = { 1, 2i };
    a[0] += a[1];
    printf("%g %g %zu\n", creal(a[0]), cimag(a[0]), sizeof a);
    printf("%g\n", cabs(3 + 4i));
    double _Complex t = 1 ? z : 0;
    printf("%g\n", cimag(t));
    float _Complex ff = z;
    z = ff + 1.0L;
    printf("%g %g\n", creal(z), cimag(conj(z)));
    double _Complex s = csqrt(-1);
    printf("%g %g\n", creal(s), cimag(s));
    z++;
    printf("%g\n", creal(z));
    printf("%g %g\n", creal(2.0 * w), cimag(w / 2));
    printf("%g %g\n", creal(1 / w), cimag(3 - w));
    return 0;
}
