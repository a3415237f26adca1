/* 6.7.2.1: bit-fields of every width and type: layout, truncation, sign, promotions, compound assignment. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum color { RED, GREEN, BLUE };
struct all { int a : 1, b : 2, c : 3; unsigned d : 4, e : 5; signed f : 6; int : 0; unsigned char g : 7; short h : 9; };
struct wide { long a : 33; unsigned long b : 40; long long c : 64; unsigned long long d : 1; };
struct mixed { char c; int a : 5; char d; int b : 20; int : 3; int e : 30; _Bool t : 1; bool u : 1; enum color k : 2; };
struct packed { int a : 3; long b : 50; char c; int d : 31; } __attribute__((packed));
struct zero { char a : 4; char : 0; char b : 4; short : 0; char c; int : 0; char d; };
union shared { unsigned bits : 5; unsigned whole; struct { unsigned lo : 16, hi : 16; }; };
struct aligned { int a : 3 __attribute__((aligned(8))); int b : 4; };
struct nested { int x : 3; struct { int y : 4; int z : 5; } inner; int w : 6; };
struct tiny { unsigned a : 1; };

static struct all global_all = {-1, 1, -4, 15, 31, -32, 127, -256};
static struct wide global_wide = {-1, 0xffffffffffULL, -5, 1};
static struct mixed global_mixed = {'x', -16, 'y', -524288, 12345, 1, 0, BLUE};
static struct packed global_packed = {3, -1, 'z', 0x3fffffff};

static void dump(const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%02x", ((const unsigned char *)p)[i]);
    printf(" (%zu)\n", n);
}
#define DUMP(x) dump(&(x), sizeof(x))

static int calls;
static struct all *once(struct all *p) { calls++; return p; }

int main(void)
{
    DUMP(global_all); DUMP(global_wide); DUMP(global_mixed); DUMP(global_packed);
    printf("%zu %zu %zu %zu %zu %zu %zu\n", sizeof(struct zero), sizeof(union shared), sizeof(struct aligned),
           sizeof(struct nested), sizeof(struct tiny), _Alignof(struct packed), _Alignof(struct mixed));
    struct all s;
    memset(&s, 0, sizeof s);
    for (int i = -40; i < 40; i += 7) {
        s.a = i; s.b = i; s.c = i; s.d = i; s.e = i; s.f = i; s.g = i; s.h = i * 9;
        printf("%d %d %d %d %d %d %d %d\n", s.a, s.b, s.c, s.d, s.e, s.f, s.g, s.h);
    }
    DUMP(s);
    printf("%d %d %d\n", s.d = 17, s.b = 3, s.f += 100);
    printf("%d ", s.d++); printf("%d ", ++s.d); printf("%d ", s.e--); printf("%d\n", --s.e);
    printf("%d\n", once(&s)->d += 3);
    once(&s)->c |= 2; once(&s)->c ^= 7; once(&s)->e <<= 2; once(&s)->h %= 5; once(&s)->h -= 300;
    printf("%d %d %d, %d calls\n", s.c, s.e, s.h, calls);
    struct wide w = {0};
    w.a = 0x1ffffffffLL; w.b = -1; w.b >>= 3; w.c = ~0ULL; w.c /= 2; w.d = 3;
    printf("%ld %lu %lld %d\n", (long)w.a, (unsigned long)w.b, (long long)w.c, (int)w.d);
    printf("%d %d\n", w.a < 0, (w.b << 30) > 0);
    struct mixed m = global_mixed;
    m.t = 17; m.u = 0.5; m.k = 7;
    printf("%d %d %d %d %d %d\n", m.t, m.u, m.k, m.a, m.b, m.e);
    m.t--; m.u ^= 1;
    printf("%d %d\n", m.t, m.u);
    struct tiny t = {1};
    printf("%d %d %d\n", -t.a < 0, t.a - 2 < 0, ~t.a);            /* promoted to int */
    struct { unsigned u : 31; unsigned v : 32; } p = {0, 0};
    printf("%d %d\n", p.u - 1 < 0, p.v - 1 < 0);
    union shared u = {.whole = 0xdeadbeef};
    printf("%x %x %x\n", u.bits, u.lo, u.hi);
    u.hi = u.lo + 1;
    printf("%x\n", u.whole);
    struct zero z = {1, 2, 3, 4};
    DUMP(z);
    struct packed q = global_packed, *r = &q;
    r->b += 5; r->d = -7; r->a--;
    printf("%d %ld %d %d\n", r->a, (long)r->b, r->c, r->d);
    struct nested n = {1, {2, -3}, 4}, n2 = n;
    n2.inner.z++;
    printf("%d %d %d %d\n", n2.x, n2.inner.y, n2.inner.z, n2.w);
    volatile struct all v = {0};
    v.d = 9; v.d += v.d; v.f = v.d;
    printf("%d %d\n", v.d, v.f);
    printf("%d\n", (s.a = 1) == 1);
    printf("%d\n", (s.d = 20, s.d) + (s.e = 40));
    static struct { unsigned a : 3, : 2, b : 3; unsigned : 0; unsigned c : 8; } unnamed = {5, 6, 7};
    DUMP(unnamed);
    return 0;
}
