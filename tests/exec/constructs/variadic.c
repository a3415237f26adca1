/* Variadic coroutine functions: arguments of every class, a va_list across suspensions, passed on and copied. */
#include "construct.h"

#include <stdarg.h>

struct three { float a, b, c; };
struct mixed { long x; double d; };
struct big { long v[5]; };
struct wide { __int128 w; };

static double coroutine_fn vsum(int n, va_list ap)
{
    double s = 0;

    for (int i = 0; i < n; i++) {
        s += va_arg(ap, int);
        may_wait();
        s += va_arg(ap, double);
    }
    return s;
}

static double coroutine_fn sum(int n, ...)
{
    va_list ap, copy;

    va_start(ap, n);
    may_wait();
    va_copy(copy, ap);
    double s = vsum(n, ap);
    may_wait();
    s += 1000 * vsum(n, copy);
    va_end(ap);
    va_end(copy);
    return s;
}

static void coroutine_fn all(const char *f, ...)
{
    va_list ap;

    va_start(ap, f);
    for (; *f; f++) {
        may_wait();
        switch (*f) {
        case 'i': printf("%d ", va_arg(ap, int)); break;
        case 'l': printf("%Lg ", va_arg(ap, long double)); break;
        case 'd': printf("%g ", va_arg(ap, double)); break;
        case 'p': printf("%s ", va_arg(ap, char *)); break;
        case '3': { struct three t = va_arg(ap, struct three); printf("%g %g ", t.a, t.c); break; }
        case 'm': { struct mixed t = va_arg(ap, struct mixed); printf("%ld %g ", t.x, t.d); break; }
        case 'b': { struct big t = va_arg(ap, struct big); printf("%ld %ld ", t.v[0], t.v[4]); break; }
        case 'w': { struct wide t = va_arg(ap, struct wide); printf("%ld ", (long)(t.w >> 3)); break; }
        }
    }
    printf("\n");
    va_end(ap);
}

static void coroutine_fn test(void)
{
    double coroutine_fn (*f)(int, ...) = sum;

    printf("%g %g\n", sum(3, 1, 2.5, 3, 4.5, 5, 6.5), sum(0));
    printf("%g\n", f(1, 7, 8.0f));
    all("il3mbwdpiiiiiiddddddddd", 1, 2.5L, (struct three){ 1, 2, 3 }, (struct mixed){ 4, 5 },
        (struct big){ { 6, 0, 0, 0, 7 } }, (struct wide){ 80 }, 1.25, "str", 1, 2, 3, 4, 5, (int)get(6), 1., 2., 3., 4.,
        5., 6., 7., 8., 9.);
    all("");
}
