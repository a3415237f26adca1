/* Const objects that are initialised count as their values in later static initialisers (GNU C). */
#include <stdio.h>

const char a = 0x42;
const double b = (double)a, c = a, f = 1 + (double)a;
static const unsigned short narrow = 65535;
const long double wide = 1.25L;
static int n = a + 1, m = -a * (narrow + 1);
double table[] = {(double)a, a, 1 + (double)a, 1 + a, b / 2, wide};
static const int zero = 0;
static int from_zero = zero + 5 + !zero;
int object;
int *const pointer = &object;
int *const *const outer = &pointer;
static int *copy = pointer, *next = pointer + 1;
enum { LOCAL = 3 };

int main(void)
{
    static const int inner = LOCAL + 1;
    static int more = inner * 2 + a;
    static const struct { int x, y; } pair = {inner, inner ? 2 : 3};
    printf("%g %g %g %d %d %d\n", b, c, f, n, m, from_zero);
    for (int i = 0; i < 6; i++)
        printf("%g ", table[i]);
    printf("%d %d %d %d %d\n", copy == &object, next == &object + 1, more, pair.x, **outer);
    return 0;
}
