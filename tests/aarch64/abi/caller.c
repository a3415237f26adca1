#include "abi.h"
#include <stdio.h>

int main(void)
{
    struct f2 f = { 1.5f, 2.5f };
    struct d4 d = { 1.25, 2.25, 3.25, 4.25 };
    struct q2 q = { 10.5L, 3.25L };
    struct l2 l = { 100, 200 };
    struct i3 i = { 7, 8, 9 };
    struct big b = { 1000, 2000, 3000 };
    struct wide w = { ((__int128)5 << 64) + 6 };
    struct loose o = { 77 };
    struct hv h = { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } };

    printf("%g\n", floats_full(1, 2, 3, 4, 5, 6, 7, f, 8));
    printf("%ld\n", pair_full(1, 2, 3, 4, 5, 6, 7, l, 8));
    printf("%ld\n", even_pair(1, w, 2, w.a + 1, 3));
    printf("%ld\n", wide_full(1, 2, 3, 4, 5, 6, 7, w.a, 8));
    printf("%ld\n", loose_even(1, o, o, 2));
    printf("%g %ld\n", big_copied(b, h, q, &b), b.c);
    printf("%g\n", vectors_full(d, h, q, f, 9));
    i = give_i3(i);
    d = give_d4(d);
    b = give_big(-3, -4, b);
    printf("%d %d %d\n%g %g %g %g\n%ld %ld %ld\n", i.a, i.b, i.c, d.a, d.b, d.c, d.d, b.a, b.b, b.c);
    printf("%d\n", narrow(-100, 65530, 1));
    printf("%.17g\n", variable("ifdDqhlB3wWA", 1, f, 2.5, d, 3.5L, h, l, b, i, (__int128)11, w, o));
    printf("%.17g\n", variable("iiiiilwA3i", 1, 2, 3, 4, 5, l, (__int128)9, o, i, 6));
    printf("%.17g\n", variable("dddddDfdqh", 1.0, 2.0, 3.0, 4.0, 5.0, d, f, 6.0, 7.5L, h));
    printf("%.17g\n", variable_late(d, d, 1, 2, 3, 4, 5, 6, l, "iwfd", 1, (__int128)2, f, 3.0));
    return 0;
}
