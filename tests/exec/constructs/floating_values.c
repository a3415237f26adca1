/* float and double results travel as bits: signs of zero, infinities and NaNs included. */
#include "construct.h"

#include <math.h>

static float coroutine_fn f(float x) { may_wait(); return -x; }
static double coroutine_fn d(double x) { may_wait(); return 1 / x; }
static double coroutine_fn many(float a, double b, int i, float c, double e, long l, float g, double h, float j, double k)
{
    may_wait();
    return a + 2 * b + 3 * i + 4 * c + 5 * e + 6 * l + 7 * g + 8 * h + 9 * j + 10 * k;
}

static void coroutine_fn test(void)
{
    float a = f(0.0f), b = f(1e30f);
    double c = d(-0.0), e = d(3), nan = c - c;

    may_wait();
    say("sign", signbit(a) != 0);
    say("infinite", isinf(c) && c < 0);
    say("nan", nan != nan);
    say("nan", f((float)nan) != f((float)nan));
    printf("%g %g %g\n", b, e, d(e));
    printf("%g\n", many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    say("truncated", (int)d(0.1));
    say("bool", (_Bool)d(1e300));
}
