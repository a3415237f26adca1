/* Complex numbers of every width across suspensions, as arguments and results (not interpreted: __mulsc3). */
#include "construct.h"

#include <complex.h>

static float complex coroutine_fn f(float complex z) { may_wait(); return z * I; }
static double complex coroutine_fn d(double complex z, double r) { may_wait(); return z * z + r; }
static long double complex coroutine_fn l(long double complex z) { may_wait(); return conjl(z) + 1; }

static void coroutine_fn test(void)
{
    float complex a = 1 + 2 * I;
    double complex b = 3 - I;
    long double complex c = 0.5L + 4 * I;
    int complex g = 3 + 4i;

    a += f(a);
    b = d(b, creal(b)) + d(2, 1);
    c = l(c) * l(2 + c);
    may_wait();
    __real__ g += (int)get(1);
    __imag__ b = (double)get(9);
    printf("%g %g, %g %g, %Lg %Lg, %d %d\n", crealf(a), cimagf(a), creal(b), cimag(b), creall(c), cimagl(c),
           __real__ g, __imag__ g);
    say("equal", d(1, 0) == 1);
}
