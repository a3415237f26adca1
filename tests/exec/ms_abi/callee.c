#include "abi.h"

#include <stdio.h>

MS long mixed(int a, double b, struct s3 c, float d, struct s8 e, char f, struct s16 g, long double h, __int128 i,
              _Complex float j, struct s4 k, unsigned char l, _Complex double m, struct s2 n, vec o)
{
    printf("%d %g %d %g %g %d %ld %Lg %ld %g %g %g %d %g %d %d\n", a, b, c.a[2], d, e.d, f, g.b, h, (long)(i >> 64),
           __real__ j, __imag__ j, k.f, l, __imag__ m, n.a, o[3]);
    g.a = 77;                           /* of our copy, or the caller's copy for us */
    c.a[0] = 9;
    i = 0;
    return a + l + f + g.a + c.a[0] + (long)i;
}

MS struct s1 give_s1(int x) { return (struct s1){ x }; }
MS struct s3 give_s3(int x) { return (struct s3){ { x, x + 1, x + 2 } }; }
MS struct s4 give_s4(int x) { return (struct s4){ x / 2.0f }; }
MS struct s8 give_s8(int x) { return (struct s8){ x / 4.0 }; }
MS struct pair give_pair(int x) { return (struct pair){ x, -x }; }
MS struct s16 give_s16(int x) { return (struct s16){ x, x * 2 }; }
MS long double give_long_double(int x) { return x / 3.0L; }
MS __int128 give_int128(int x) { return ((__int128)x << 70) + x; }
MS double give_double(float x) { return x * 2; }
MS _Complex float give_complex(int x) { return x + 2.0fi; }
MS _Complex double give_wide_complex(int x) { return x + 3.0i; }
MS vec give_vector(int x) { return (vec){ x, x + 1, x + 2, x + 3 }; }
MS void give_nothing(int *x) { ++*x; }

MS double sum_of_list(int n, __builtin_ms_va_list list)
{
    double total = 0;

    while (n-- > 0) {
        total += __builtin_va_arg(list, int);
        total += 10 * __builtin_va_arg(list, double);
        total += 100 * __builtin_va_arg(list, struct pair).b;
    }
    return total;
}

MS double sum(int n, ...)
{
    __builtin_ms_va_list list, again;
    double total;

    __builtin_ms_va_start(list, n);
    __builtin_ms_va_copy(again, list);
    total = sum_of_list(n, list);
    total += 10000 * __builtin_va_arg(again, int);
    __builtin_ms_va_end(again);
    __builtin_ms_va_end(list);
    return total;
}

summer table[2] = { sum, sum };

MS int call_back(MS int (*f)(int, struct s12), int n)
{
    struct s12 s = { { n, n + 1, n + 2 } };
    int r = f(n, s);

    return r * 100 + s.a[1];
}

int call_back_here(int (*f)(int, double), double x)
{
    return f((int)x, x) + 1;
}
