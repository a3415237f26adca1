/* 6.3.1.8: usual arithmetic conversions: the type of every operator on every pair of types; signedness of comparisons. */
#include <stdio.h>

#define NAME(x) _Generic((x), _Bool : "bool", char : "char", signed char : "schar", unsigned char : "uchar", short : "short", \
    unsigned short : "ushort", int : "int", unsigned : "uint", long : "long", unsigned long : "ulong", long long : "llong", \
    unsigned long long : "ullong", float : "float", double : "double", long double : "ldouble", default : "other")

static _Bool b = 1; static char c = -1; static signed char sc = -2; static unsigned char uc = 250; static short s = -3;
static unsigned short us = 65530; static int i = -4; static unsigned u = 4000000000u; static long l = -5; static unsigned long ul = ~0ul;
static long long ll = -6; static unsigned long long ull = 7; static float f = 1.5f; static double d = -2.5; static long double ld = 3.5L;
enum e { A = -1, B }; enum pe { C, D }; enum be { E = 0x100000000 };
static enum e ee = A; static enum pe pe = D; static enum be be = E;

#define PAIR(x, y) printf(#x "," #y " %s %s %s %s %d%d%d ", NAME(x + y), NAME(x * y), NAME(1 ? x : y), NAME((x, y)), x < y, x == y, x >= y);
#define ALL(x) PAIR(x, b) PAIR(x, c) PAIR(x, sc) PAIR(x, uc) PAIR(x, s) PAIR(x, us) PAIR(x, i) PAIR(x, u) PAIR(x, l) PAIR(x, ul) \
    PAIR(x, ll) PAIR(x, ull) PAIR(x, f) PAIR(x, d) PAIR(x, ld) PAIR(x, ee) PAIR(x, pe) PAIR(x, be) printf("\n");
#define INTS(x) printf("%s %s %s %s %s %s %s\n", NAME(+x), NAME(-x), NAME(~x), NAME(!x), NAME(x << 1L), NAME(1L << x * 0), NAME(x++));

int main(void)
{
    ALL(b) ALL(c) ALL(sc) ALL(uc) ALL(s) ALL(us) ALL(i) ALL(u) ALL(l) ALL(ul) ALL(ll) ALL(ull) ALL(f) ALL(d) ALL(ld) ALL(ee) ALL(pe) ALL(be)
    INTS(c) INTS(sc) INTS(uc) INTS(s) INTS(us) INTS(i) INTS(u) INTS(l) INTS(ul) INTS(ll) INTS(ull) INTS(ee) INTS(be)
    printf("%s %s %s\n", NAME(-f), NAME(+d), NAME(!ld));
    printf("%d %d %d %d\n", -1 < 1u, -1L < 1u, -1L < 1ul, (short)-1 < (unsigned short)1);
    printf("%d %d\n", (unsigned char)255 + 1 == 256, (char)-1 == (unsigned char)-1);
    printf("%s %s %s\n", NAME(sizeof 1), NAME((char *)0 - (char *)0), NAME(_Alignof(int)));
    printf("%s %s %s %s\n", NAME(c = 1), NAME(us += 1), NAME(f *= 2), NAME(c && d));
    printf("%d %u %ld\n", i * us, u * us, (long)i * us);
    uc = 200; uc += 100; sc = 100; sc += 100; us *= us; s = 30000; s <<= 1; c = 'a' + 200;
    printf("%d %d %d %d %d\n", uc, sc, us, s, c);
    i = 5; i *= 1.5; printf("%d ", i); i += 0.9f; printf("%d ", i); uc = 10; uc /= 2.5; printf("%d ", uc); u = 10; u -= 11.0L - 5; printf("%u\n", u);
    b = 0; b++; b++; printf("%d ", b); b--; printf("%d ", b); b--; printf("%d ", b); b = 256; printf("%d ", b); b += -1; printf("%d ", b); b = 0.1; printf("%d\n", b);
    return 0;
}
