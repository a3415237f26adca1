/* Floating arithmetic in static initialisers folds as in gcc, NaNs, infinities, zeros and complex numbers too. */
#include <stdio.h>
#include <string.h>
#define INF __builtin_inf()
#define NAN __builtin_nan("")

double d[] = {
    0.0 / 0.0, INF - INF, 0 * INF, NAN + 1, 1 + INF, -NAN * 2, INF / INF, 1 / INF, -1 / INF, -0.0 + 0.0, -0.0 - 0.0,
    0.0 + -0.0, -0.0 + -0.0, 0.0 - 0.0, -0.0 * 1, INF * -2, 1 - INF, -0.0 / 0.0, -INF + INF, NAN - NAN, 0.0 / -0.0,
};
float f[] = { (float)NAN, (float)-NAN, (float)__builtin_nan("0x123456789abcd"), __builtin_nanf("0x12345") };
double g[] = { __builtin_nanf("0x12345") };
long double l[] = { __builtin_nan("0x12345"), -__builtin_nanf("") };
_Complex double z[] = {
    (1.5 + 2i) * (3 - 1.25i), (1.5 + 2.1i) / (3.3 - 1i), (1 + 2i) / 0.0, __builtin_complex(INF, 1.0) * (2.0 + 2.0i),
    (1.0 + 1i) / __builtin_complex(0.0, NAN), __builtin_complex(INF, NAN) * __builtin_complex(INF, NAN),
};
_Complex float zf[] = { (1.1f + 2.3fi) * (3.7f - 1.9fi), (1.1f + 2.3fi) / (3.7f - 1.9fi) };

int main(void)
{
    for (int i = 0; i < sizeof d / sizeof *d; i++) {
        long b;
        memcpy(&b, d + i, 8);
        printf("%d %g %lx\n", i, d[i], b);
    }
    for (int i = 0; i < sizeof f / sizeof *f; i++) {
        int b;
        memcpy(&b, f + i, 4);
        printf("%d %g %x\n", i, f[i], b);
    }
    long q;
    memcpy(&q, g, 8);
    printf("%lx\n", q);
    for (int i = 0; i < sizeof l / sizeof *l; i++) {
        unsigned long b[2];
        memcpy(b, l + i, 16);
        printf("%d %lx %lx\n", i, b[0], b[1] & 0xffff);
    }
    for (int i = 0; i < sizeof z / sizeof *z; i++)
        printf("%a %a\n", __real__ z[i], __imag__ z[i]);
    for (int i = 0; i < sizeof zf / sizeof *zf; i++)
        printf("%a %a\n", __real__ zf[i], __imag__ zf[i]);
}
