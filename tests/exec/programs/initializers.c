/* Initialisers: braces elided, nested designators, strings, unions, arrays of structs, static and
 * automatic alike. */
#include <stdio.h>
#include <string.h>
#include <stdint.h>
#include <stddef.h>

struct in {
    short a;
    char s[4];

    union {
        int i;
        double d;
    } u;
};

struct out {
    int n;
    struct in v[2];

    struct {
        int p, q;
    } *r;

    const char *t;
    char tail[];
};

static int x = 3;
extern int fn(void);

int fn(void)
{
    return 5;
}

#define BODY                                                                                       \
    { .v[1] = { 1, "abc", { .d = 2.5 } },                                                          \
      .v[0].s = "zz",                                                                              \
      .n = sizeof(struct out) + (x, 1) * 0,                                                        \
      .t = "hi" + 1 }
#define SB                                                                                         \
    { .v[1] = { 1, "abc", { .d = 2.5 } },                                                          \
      .v[0].s = "zz",                                                                              \
      .n = sizeof(struct out),                                                                     \
      .t = "hi" + 1,                                                                               \
      .r = (void *)&x }
static struct out so = SB;
static struct in el[] = { 1, "a", 2, 3, { 'b', 'c' }, { 4 }, [3] = { 9 } };
static char m[2][3] = { "ab", { 'c', 'd' } };
static char big[10] = { "brace" };
static int neg[] = { [3] = -1, [1] = -2, -3 };
static unsigned long mix[] = { (unsigned long)-1, 1ul << 40, ~0u, -1, 'a' };
static float fl[] = { 1, 2.5, (float)1 / 3 };
static _Bool bo[] = { 2, 0, 0.5 };
static void *ptrs[] = {
    &x, el + 1, &el[2].s[1], "str", 0, (void *)fn, &so.v[1].u.d, (char *)&x + 2
};
static int64_t ll = -5LL;
static unsigned char uc = -1;
static int cond = 1 ? 4 : 5, lg = 3 > 2 && 1, sh = -8 >> 1, tern = sizeof(long) == 8 ? 10 : 20;
static double dd = 1 / 3.0 + 2;
static const int *const cp = &neg[2];

static struct {
    int a : 3, b : 5;
    unsigned c : 20;
    char d;
} bf = { -1, 9, 0xabcde, 'q' }, bfa[2] = { { 1 }, { .c = 5 } };

static wchar_t w[] = L"wide";
static uint16_t u16[] = u"u\u20ac";

static struct {
    char n;
    int f[];
} flex = { 1, { 2, 3, 4 } };

static long double ld = 1.25L;
static struct out *po = &(struct out){ .n = 3 };
static int al[] = { 9, 2 };

static void show(struct out *o)
{
    printf("%d %d %s %d %g %s %s %d\n", o->n == sizeof *o, o->v[1].a, o->v[1].s, o->v[0].u.i,
           o->v[1].u.d, o->v[0].s, o->t, o->r != 0);
}

int main(void)
{
    struct out lo = SB;
    show(&so);
    show(&lo);
    lo = (struct out)SB;
    lo.r = 0;
    show(&lo);
    for (int i = 0; i < 4; i++)
        printf("%d %s %d; ", el[i].a, el[i].s, el[i].u.i);
    printf("%.3s %.3s %s %d %d %d %d\n", m[0], m[1], big, neg[0], neg[1], neg[2], neg[3]);
    for (int i = 0; i < 5; i++)
        printf("%lx ", mix[i]);
    printf("%g %g %g %d %d %d\n", fl[0], fl[1], fl[2], bo[0], bo[1], bo[2]);
    printf("%d %d %c %s %d %d %g %d\n", *(int *)ptrs[0], ((struct in *)ptrs[1])->a,
           *(char *)ptrs[2], (char *)ptrs[3], ptrs[4] == 0, ((int (*)(void))ptrs[5])(),
           *(double *)ptrs[6], (int)((char *)ptrs[7] - (char *)&x));
    printf("%ld %d %d %d %d %d %g %d\n", (long)ll, uc, cond, lg, sh, tern, dd, *cp);
    printf("%d %d %x %c %d %d\n", bf.a, bf.b, bf.c, bf.d, bfa[0].a, bfa[1].c);
    printf("%d %d %x %d %d\n", (int)(sizeof w / 4), w[3], u16[1], flex.f[2], po->n);
    printf("%Lg %d\n", ld, al[0]);
    struct in a = { 1, "xyz", { 2 } }, b[3] = { a, [2] = a };
    b[1] = (struct in){ .u.i = x };
    printf("%s %d %d %d\n", b[2].s, b[1].u.i, b[1].a, b[0].a);
    int arr[2][2][2] = { { { 1 }, { 2, 3 } }, { 4, 5, 6 } };
    printf("%d %d %d %d\n", arr[0][1][1], arr[1][0][1], arr[1][1][0], arr[1][1][1]);
    char s5[5] = "hello", s6[] = "hello";
    printf("%.5s %zu\n", s5, sizeof s6);

    struct {
        int a : 3, b : 5;
        unsigned c : 20;
        char d;
    } lb = { -1, x, 0xabcde, 'q' };

    printf("%d %d %x %c\n", lb.a, lb.b, lb.c, lb.d);

    union {
        struct {
            char a, b;
        };

        short s;
    } un = { { 1, 2 } };

    printf("%d\n", un.s);

    union {
        int i;
        char c;
    } ui = { 300 }, uj = { .c = 7 };

    printf("%d %d\n", ui.i, uj.c);
    struct in *pp = (struct in[]){ { 7 }, { x } };
    printf("%d\n", pp[1].a + pp[0].a);
    static int cnt[4] = { [0 ... 2] = 6 };
    printf("%d %d\n", cnt[2]++, cnt[3]);
    int sc = { 8 };
    int *sp = { &sc };
    printf("%d\n", *sp);
    const char *const tbl[][2] = { { "a", "b" }, { "c" } };
    printf("%s %d\n", tbl[1][0], tbl[1][1] == 0);
    int y[] = { x, x + 1, [4] = x * 2 };
    printf("%d %d %d\n", y[1], y[3], y[4]);

    struct {
        int a[2];
        int b;
    } ob = { .a = { 1 }, .a[1] = 5, .b = 2, .b = 3 };

    printf("%d %d %d\n", ob.a[0], ob.a[1], ob.b);
    return memcmp(&so.v, &lo.v, sizeof so.v);
}
