/* The builtins of complex numbers, with and without a call; enumerations of another machine mode. */
#include <stdio.h>

typedef enum { RED, GREEN = 200, BLUE } color;
struct shades { color __attribute__((mode(byte))) a, b; color __attribute__((mode(HI))) c; };
typedef enum { LEFT = -1, RIGHT } __attribute__((mode(QI))) side;

int main(void)
{
    _Complex float f = 1.5f + 2.5fi;
    _Complex double d = 3 - 4i;
    _Complex long double l = 5.0L + 6.0Li;
    f = __builtin_conjf(f);
    d = __builtin_conj(d) + __builtin_csqrt(-4.0) * __builtin_cexp(0);
    l = __builtin_conjl(l) * __builtin_crealf(f);
    printf("%g %g %g %g %Lg %Lg\n", __builtin_crealf(f), __builtin_cimagf(f), __builtin_creal(d), __builtin_cimag(d),
           __builtin_creall(l), __builtin_cimagl(l));
    printf("%g %g %d %d\n", __builtin_cabs(3 + 4i), __builtin_cabsf(f) + __builtin_cargf(1), (int)sizeof __builtin_conjf(f),
           (int)sizeof __builtin_cimagl(l));
    struct shades s = {GREEN, BLUE, GREEN};
    side x = LEFT;
    printf("%d %d %d %d %d %d\n", s.a == GREEN, s.b, s.c, (int)sizeof s, (int)sizeof x, x);
    return 0;
}
