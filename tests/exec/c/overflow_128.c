/* Overflow arithmetic that mixes 128-bit types with others, and signed with unsigned ones. */
#include <stdio.h>

typedef __int128 I;
typedef unsigned __int128 U;

#define MAX_U (~(U)0)
#define MAX_I ((I)(MAX_U >> 1))
#define MIN_I (-MAX_I - 1)

static U u[] = {0, 1, 2, (U)1 << 63, (U)1 << 64, (U)1 << 100, (U)MAX_I, (U)MAX_I + 1, MAX_U - 1, MAX_U};
static I s[] = {0, 1, -1, -2, (I)1 << 62, -((I)1 << 63), (I)1 << 64, -((I)1 << 100), MAX_I, MIN_I, MIN_I + 1};
static long l[] = {0, 1, -1, 0x7fffffffffffffff, -0x7fffffffffffffff - 1};
static unsigned long seen;

static void note(int over, U value)
{
    seen = (seen * 31 + over) * 31 + (unsigned long)(value ^ value >> 64);
}

#define ONE(op, x, y, T) do { T r; int o = __builtin_##op##_overflow(x, y, &r); note(o, (U)r); \
    note(__builtin_##op##_overflow_p(x, y, (T)0), 0); } while (0)
#define TYPES(op, x, y) do { ONE(op, x, y, I); ONE(op, x, y, U); ONE(op, x, y, long); ONE(op, x, y, unsigned long); } while (0)
#define ALL(op, xs, ys) do { for (unsigned i = 0; i < sizeof xs / sizeof *xs; i++) \
    for (unsigned j = 0; j < sizeof ys / sizeof *ys; j++) TYPES(op, xs[i], ys[j]); \
    printf("%s %s %s %lx\n", #op, #xs, #ys, seen); } while (0)
#define PAIRS(op) do { ALL(op, u, u); ALL(op, u, s); ALL(op, l, u); ALL(op, s, l); } while (0)

int main(void)
{
    PAIRS(add);
    PAIRS(sub);
    PAIRS(mul);
    return 0;
}
