#include "abi.h"

#include <stdio.h>
#include <string.h>

/* Calls of functions with the usual convention from one with the other's. */
MS static int called_back(int n, struct s12 s)
{
    char text[64];

    s.a[1] = n + 7;
    sprintf(text, "%d %d %g", s.a[0], n, 1.5);
    return (int)strlen(text) + s.a[2] + s.a[1];
}

static int usual(int n, double x)
{
    return n + (int)(x * 10);
}

static void results(void)
{
    int x = 5;

    give_nothing(&x);
    printf("%d %d %d %g %g %d %ld\n", x, give_s1(-3).a, give_s3(5).a[2], give_s4(7).f, give_s8(9).d, give_pair(11).b,
           give_s16(13).b);
    printf("%Lg %ld %g %g %g %d\n", give_long_double(15), (long)(give_int128(17) >> 64), give_double(19),
           __imag__ give_complex(3), __imag__ give_wide_complex(4), give_vector(20)[3]);
}

int main(void)
{
    struct s3 c = { { 1, 2, 3 } };
    struct s16 g = { 4, 5 };
    struct pair p = { 6, 7 };
    __int128 i = (__int128)8 << 64;
    long r = mixed(-1, 2.5, c, 3.5f, (struct s8){ 4.5 }, -6, g, 7.5L, i, 9.5f + 1.25fi, (struct s4){ 10.5f }, 250,
                   11 + 12.5i, (struct s2){ -300 }, (vec){ 1, 2, 3, 4 });

    printf("%ld %d %ld %d\n", r, c.a[0], g.a, i != 0);
    results();
    printf("%g %g\n", sum(2, 1, 2.5, p, 3, 4.5, p), table[1](1, 5, -0.5, p));
    printf("%d %d\n", call_back(called_back, 40), call_back_here(usual, 2.5));
    return 0;
}
