/* Many values live at once across many suspensions in one expression, of different types. */
#include "construct.h"

static double coroutine_fn d(double x) { may_wait(); return x * 1.5; }
static int *coroutine_fn p(int *x) { may_wait(); return x + 1; }

static void coroutine_fn test(void)
{
    int a[4] = { 1, 2, 3, 4 };
    long x = get(1), y = get(2), z = get(3);
    double e = 2.5;

    long r = x + get(y) * (z - get(4)) + (x << get(1)) - (get(9) / (y + get(1))) + *p(a) * (long)(e + d(e)) + *p(p(a + 1));
    say("r", r);
    r = (((x * 2 + get(1)) * 3 + get(2)) * 5 + get(3)) * 7 + (get(4) - (get(5) - (get(6) - get(7))));
    say("r", r);
    r = x + y * z - (long)(d(d(d(1)) + d(2)) * 100) + (a[0] | a[1] << get(2) | a[2] << get(4));
    say("r", r);
}
