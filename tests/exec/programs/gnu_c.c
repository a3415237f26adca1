/* GNU C and C11 oddments: typeof, _Generic, cleanup, VLA, compound literals, K&R, alignment,
 * attributes, TLS, constructors, alias. */
#include <stdio.h>
#include <string.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#define max(a, b)                                                                                  \
    ({                                                                                             \
        __typeof__(a) _a = (a);                                                                    \
        __auto_type _b = (b);                                                                      \
        _a > _b ? _a : _b;                                                                         \
    })
#define tn(x)                                                                                      \
    _Generic((x),                                                                                  \
        int: "int",                                                                                \
        char *: "char*",                                                                           \
        const char *: "cchar*",                                                                    \
        double: "double",                                                                          \
        float: "float",                                                                            \
        default: "other")

static void cl(int *p)
{
    printf("cleanup %d\n", *p);
}

static void fr(char **s)
{
    printf("free %s\n", *s);
}

static int early(int n)
{
    int a __attribute__((cleanup(cl))) = n;
    for (int i = 0; i < 3; i++) {
        int b __attribute__((cleanup(cl))) = 10 + i;
        if (i == n)
            return a * 100;
        if (i == 1)
            continue;
        if (n == 5)
            goto out;
    }
out:
    {
        char *s __attribute__((cleanup(fr))) = "x";
        (void)s;
    }
    return -1;
}
static int knr(a, b, c)
int a;
char b;
float c;
{
    return a + b + (int)c;
}

static long vla(int n, int m)
{
    int v[n][m], (*p)[m] = v;
    memset(v, 0, sizeof v);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            p[i][j] = i * m + j;
    typedef char row[n + m];
    row r;
    return v[n - 1][m - 1] * 1000 + sizeof v + sizeof(*p) * 10 + sizeof r * 100000 +
           sizeof(int[n]) + (&v[1] - v) + (v[1] - v[0]);
}

static int vloop(int n)
{
    int t = 0;
    for (int i = 1; i < n; i++) {
        char b[i * 1000];
        b[0] = i;
        b[i * 1000 - 1] = 1;
        if (i == 7)
            continue;
        t += b[0] + b[i * 1000 - 1];
    }
    return t;
}

static __thread int tl = 4;
_Thread_local static int tz[3];

static int *ftl(void)
{
    return &tz[1];
}

static int ctor;

__attribute__((constructor)) static void init(void)
{
    ctor = 42;
}

__attribute__((destructor)) static void fini(void)
{
    printf("fini\n");
}

int orig(int x)
{
    return x + 1;
}

extern int other(int) __attribute__((alias("orig")));

__attribute__((weak)) int wk(void)
{
    return 3;
}

extern int nothere(void) __attribute__((weak));

static inline __attribute__((always_inline)) int ai(int x)
{
    return x * 2;
}

__attribute__((noinline, section(".text.odd"))) static int ni(int x)
{
    return x * 3;
}

struct al {
    char c;
    alignas(32) int i;
} __attribute__((aligned(64)));

static _Alignas(128) char buf[10];
typedef int v4 __attribute__((aligned(1)));

static struct pt {
    int x, y;
} *gp = &(struct pt){ 3, 4 };

static int *ga = (int[]){ 1, 2, 3 };
static const char *names[] = { [2] = "c", [0] = "a", "b", [5 ... 6] = "r" };

static struct {
    int a[3], b;

    union {
        int c;
        char d[4];
    } u;
} cx = { .b = 5, .a = { [1] = 2 }, .u.d = { 1, 2 } };

union un {
    int i;
    float f;
};

static float cast(float f)
{
    union un u = (union un)f;
    return u.f;
}

static struct pt sw(struct pt a)
{
    return (struct pt){ .x = a.y, .y = a.x };
}

extern int arr_fwd[];
int *use = arr_fwd + 1;
int arr_fwd[3] = { 7, 8, 9 };
static int tent;
static int tent;
static int tent = 6;
int comm;
static uintptr_t up = (uintptr_t)&comm + 4;

enum big { BIG = 0x123456789LL };

int main(int argc, char **argv)
{
    (void)argv;
    printf("%d %g %s %s %s %s %s\n", max(3, 9), max(2.5, 1), tn(1), tn("x"), tn((const char *)0),
           tn(1.f), tn(1L));
    printf("%d\n", early(2));
    printf("%d\n", early(5));
    printf("%d %ld %d\n", knr(1, 2, 3.7f), vla(3, argc + 4), vloop(12));
    tl += argc;
    *ftl() = tl;
    printf("%d %d %d\n", tl, tz[1], ctor);
    printf("%d %d %d %d %d\n", other(4), wk(), nothere == 0, ai(4), ni(5));
    printf("%zu %zu %zu %zu %d\n", sizeof(struct al), offsetof(struct al, i), alignof(struct al),
           _Alignof(v4), (int)((uintptr_t)buf % 128));
    printf("%d %d %d\n", gp->y, ga[2], sizeof names / sizeof *names == 7);
    for (int i = 0; i < 7; i++)
        printf("%s ", names[i] ?: "-");
    printf("\n");
    printf("%d %d %d %x\n", cx.a[1], cx.a[2], cx.b, cx.u.c);
    printf("%g %d\n", cast(1.5f), sw((struct pt){ 1, 2 }).x);
    printf("%d %d %d\n", use[0], tent, up == (uintptr_t)&comm + 4);
    printf("%zu %llx\n", sizeof(enum big), (long long)BIG);
    struct pt *lp = &(struct pt){ argc, 2 };
    lp->y += lp->x;
    printf("%d\n", lp->y);
    for (int i = 0; i < 2; i++) {
        struct pt q = { .y = i };
        printf("%d %d ", q.x, q.y);
    }
    printf("\n");
    int m[3][2] = { { 1 }, { 2, 3 } };
    printf("%d %d %d\n", m[0][1], m[1][1], m[2][0]);
    char big[2000] = "start";
    int rep[600] = { [10 ... 500] = 7, [3] = 1 };
    int tt = 0;
    for (int i = 0; i < 600; i++)
        tt += rep[i];
    printf("%s %d %d\n", big, big[1999], tt);
    struct pt z = {};
    printf("%d\n", z.x + z.y);
    int n = 3;
    int sz = sizeof(int[n++]);
    printf("%d %d\n", sz, n);
    sz = sizeof(n++);
    printf("%d %d\n", sz, n);
    _Static_assert(sizeof(int) == 4, "int");
    volatile int vv = 1;
    vv;
    vv = vv + vv;
    printf("%d\n", vv);
    register int rg = 5;
    printf("%d\n", rg);
    const int ci = 5;
    int *pci = (int *)&ci;
    printf("%d\n", *pci);
    extern int comm;
    comm = 3;
    printf("%d\n", comm);
    {
        extern int arr_fwd[];
        printf("%d\n", arr_fwd[2]);
    }
    int (*vp)(void) = wk;
    printf("%d %s\n", vp(), __PRETTY_FUNCTION__);
    printf("%d\n", ((int (*)(int))(void *)orig)(1));
    return 0;
}
