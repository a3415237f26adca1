/* Odds and ends: overlap through unions, packed members, rvalue members, nested declarations. */
#include <stdio.h>
#include <string.h>
#include <stdint.h>

struct s {
    int a;
    int v[3];
};

static struct s mk(int x)
{
    return (struct s){ x, { x, x + 1, x + 2 } };
}

union ov {
    struct {
        char c;

        struct {
            int x[4];
        } s;
    } a;

    struct {
        struct {
            int x[4];
        } s;
    } b;
};

static int n;

static int *next(void)
{
    n++;
    static int arr[8];
    return &arr[n];
}

struct fam {
    int n;

    struct {
        short a;
        char b;
    } e[];
};

typedef int (*fn)(void);

static int one(void)
{
    return 1;
}

static void vmod(int r, int c, int (*m)[c])
{
    for (int i = 0; i < r; i++)
        for (int j = 0; j < c; j++)
            m[i][j] += i * 10 + j;
}

static const char *sw(const char *s)
{
    switch (*s) {
    case 'a' ... 'f':
        return "hex";
    case '0' ... '9':
        return "dec";
    case 0:
        return "end";
    default:
        return "?";
    }
}

static long deep(int k)
{
    struct {
        char pad[100];
        long r;
    } f = { .r = k };

    return k ? f.r + deep(k - 1) : 0;
}

enum { E0 = -1, E1 = 1u << 31 };

typedef enum { P, Q } pq;

static pq nextpq(pq p)
{
    return p == P ? Q : P;
}

static inline int clamp(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

struct __attribute__((packed, aligned(2))) pa {
    char c;
    uint32_t u;
    uint16_t h : 4, k : 12;
};

static unsigned char tbl[256];
static volatile uint32_t reg;

static struct {
    volatile unsigned f : 4, g : 4;
} vb;

int main(void)
{
    printf("%d %d\n", mk(5).v[2], mk(6).a);
    *next() += 5;
    (*next())++;
    int *last = next() - 1;
    printf("%d %d\n", n, *last);
    union ov u;
    memset(&u, 0, sizeof u);
    u.b.s.x[0] = 7;
    u.b.s.x[3] = 9;
    struct s t = mk(1), *pt = &t;
    *pt = (struct s){ pt->v[2], { pt->a } };
    printf("%d %d %d\n", t.a, t.v[0], t.v[1]);
    int m[2][3] = { { 0 } };
    vmod(2, 3, m);
    printf("%d\n", m[1][2]);
    printf("%s %s %s %s\n", sw("c"), sw("7"), sw(""), sw("z"));
    printf("%ld\n", deep(10));
    printf("%d %ld %d\n", E0, (long)E1, nextpq(P));
    printf("%d\n", (int[]){ 3, 1, 2 }[1]);
    printf("%c\n", "hello"[4]);
    fn f = one, g = &one;
    printf("%d %d %d\n", f == g, (*f)(), !f);
    struct pa p = { 1, 0xdeadbeef, 5, 0xabc };
    p.k ^= 0xfff;
    p.u++;
    printf("%zu %x %x %x\n", sizeof p, p.u, p.h, p.k);
    for (int i = 0; i < 256; i++)
        tbl[i] = i ^ (i >> 1);
    unsigned c = 0;
    for (unsigned i = 0; i < sizeof tbl; i++)
        c = c * 31 + tbl[i];
    printf("%u\n", c);
    reg = 5;
    reg |= 0x100;
    reg++;
    printf("%u\n", reg);
    vb.f = 9;
    vb.g = 3;
    vb.f++;
    printf("%d %d\n", vb.f, vb.g);
    char b[] = "abc";
    char *q = b;
    *q++ = 'x';
    *++q = 'z';
    printf("%s %td\n", b, q - b);
    int x = 10;
    x -= x - 9;
    x = x > 5 ? x : -x;
    int64_t w = 1;
    w <<= 40;
    w |= w >> 3;
    printf("%lld\n", (long long)w);
    uint8_t sh = 0x80;
    printf("%d %d\n", sh << 1, (uint8_t)(sh << 1));
    int8_t neg = -1;
    printf("%u %d\n", (unsigned)neg >> 28, neg >> 4);
    printf("%d %d %d\n", clamp(5, 0, 3), clamp(-1, 0, 3), clamp(2, 0, 3));
    unsigned long long big = 1ULL << 63;
    printf("%g %d\n", (double)big, (int)(big >> 60));
    float ff = 16777216.0f;
    ff += 1;
    printf("%.1f\n", ff);
    printf("%d\n", sizeof(struct fam) == 4);
    do {
        int k = 3;
        if (k)
            break;
    } while (0);
    {
        int y = 1;
        {
            int y = 2;
            printf("%d", y);
        }
        printf("%d\n", y);
    }
    for (int i = 0, *ip = &i; *ip < 2; ++*ip)
        printf("%d", i);
    printf("\n");
    goto l;
l:
    printf("%s\n", __func__);
    long double ld = 1;
    ld /= 3;
    printf("%.15Lf %d\n", ld, ld == 1.0L / 3);
    if ((x = 3) && x > 2)
        printf("%d\n", x);
    while ((x = x - 1))
        ;
    printf("%d\n", x);
    return ({ 0; });
}
