/* 6.8.4.2: switch: fall-through, ranges, nested, into loops (Duff), negative and 64-bit values, no cases, default first. */
#include <limits.h>
#include <stdio.h>

static int plain(int n) { switch (n) { case 1: return 10; case 2: return 20; case INT_MIN: return 30; case INT_MAX: return 40; case -1: return 50; default: return 0; } }
static int fall(int n) { int r = 0; switch (n) { case 3: r += 3; case 2: r += 2; case 1: r += 1; break; default: r = -1; case 9: r *= 10; } return r; }
static int first(int n) { switch (n) { default: n++; case 5: n += 10; break; case 6: n += 20; } return n; }
static int ranges(int n) { switch (n) { case -5 ... -1: return -1; case 0: return 0; case 1 ... 9: return 1; case 'a' ... 'z': return 2; case 1000 ... INT_MAX: return 3; } return 9; }
static int wide(unsigned long n) { switch (n) { case 0x100000000: return 1; case ~0ul: return 2; case 1ul << 63 ... (1ul << 63) + 5: return 3; case 7: return 4; } return 5; }
static int character(char c) { switch (c) { case 'a': return 1; case '\xff': return 2; case -128: return 3; default: return 4; } }
static int unsigned_character(unsigned char c) { switch (c) { case 255: return 1; case 0: return 2; default: return 3; } }
static int boolean(_Bool b) { switch (b) { case 0: return 5; case 1: return 6; } return 7; }
static int truncated(int n) { switch ((unsigned char)n) { case 1: return 1; case 200: return 2; } return 3; }
enum k { K0, K1, K2 = 10 };
static int enumeration(enum k k) { switch (k) { case K0: return 0; case K1: return 1; case K2: return 2; } return -1; }
static void duff(char *to, const char *from, int count)
{
    int n = (count + 3) / 4;
    switch (count % 4) {
    case 0: do { *to++ = *from++;
    case 3:      *to++ = *from++;
    case 2:      *to++ = *from++;
    case 1:      *to++ = *from++;
            } while (--n > 0);
    }
}
static int nested(int a, int b)
{
    int r = 0;
    switch (a) {
    case 1:
        switch (b) { case 1: r = 11; break; case 2: r = 12; default: r += 100; }
        break;
    case 2: {
        for (int i = 0; i < 5; i++) { switch (i) { case 1: continue; case 3: goto out; } r += i; }
    out:
        r += 1000;
        break;
    }
    case 3: if (b) { case 4: r = 4; } else { case 5: r = 5; } break;
    case 6: while (b-- > 0) { case 7: r += 7; }
    }
    return r;
}
static int jump_over(int n) { switch (n) { int x; case 1: x = 5; return x; case 2: x = 6; return x + 1; } return 0; }
static int only_default(int n) { switch (n) default: return n + 1; }
static int no_braces(int n) { int r = 0; switch (n) case 4: r = 7; return r; }
static int side(int *p) { switch ((*p)++) { } switch (*p) { case 3: ; } return *p; }
static int bits(int v) { struct { int a : 3; unsigned b : 3; } s = {v, v}; switch (s.a) { case -1: return 1; case 3: return 2; } switch (s.b) { case 7: return 3; case 4: return 4; } return 5; }
static int wide_case(int n) { switch (n) { case 0x100000001: return 1; case 2: return 2; } return 3; }
static int dense(unsigned n) { switch (n) {
#define C(i) case i: return i * i + 1;
    C(0) C(1) C(2) C(3) C(4) C(5) C(6) C(7) C(8) C(9) C(10) C(11) C(12) C(13) C(14) C(15) C(17) C(19) } return -1; }

int main(void)
{
    int values[] = {-200, -129, -128, -5, -1, 0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 97, 122, 200, 255, 256, 257, 1000, INT_MAX, INT_MIN};
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        int v = values[i];
        printf("%d: %d %d %d %d %d %d %d %d %d ", v, plain(v), fall(v), first(v % 100), ranges(v), wide(v), character(v), unsigned_character(v), boolean(v), truncated(v));
        printf("%d %d %d %d %d %d %d\n", enumeration(v), jump_over(v), only_default(v % 9), no_braces(v), bits(v), wide_case(v), dense(v));
    }
    printf("%d %d %d\n", wide(0x100000000), wide(~0ul), wide((1ul << 63) + 3));
    for (int a = 0; a < 9; a++) printf("%d %d %d %d;", nested(a, 0), nested(a, 1), nested(a, 2), nested(a, 3));
    char to[16] = {0};
    duff(to, "0123456789abc", 13);
    int n = 2;
    printf("\n%s %d ", to, side(&n)); printf("%d\n", n);
    int total = 0;
    for (int i = 0; ; i++) { switch (i) { case 0 ... 3: continue; case 8: break; default: total += i; continue; } break; }
    printf("%d\n", total);
    long big = 5; switch (big) { case 5L: printf("long\n"); } switch ((short)65541) { case 5: printf("short\n"); }
    return 0;
}
