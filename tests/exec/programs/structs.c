/* Structs, unions, bit-fields: layout, assignment, passing and returning by every class. */
#include <stdio.h>
#include <stddef.h>

struct c1 {
    char a;
};

struct c3 {
    char a[3];
};

struct i2 {
    int a, b;
};

struct f2 {
    float x, y;
};

struct f3 {
    float x, y, z;
};

struct d1 {
    double d;
};

struct id {
    int i;
    double d;
};

struct di {
    double d;
    char c;
};

struct big {
    long a[5];
};

struct ld {
    long double l;
};

struct mix {
    float f;
    int i;
    double d;
};

union u {
    int i;
    float f;
    char c[8];
};

struct emp {};

struct c12 {
    int a, b, c;
};

struct fi {
    float f;
    int i;
};

struct arr {
    short s[7];
};

#define RT(T, n, ...)                                                                              \
    __attribute__((noinline)) static struct T n(struct T v, int k)                                 \
    {                                                                                              \
        __VA_ARGS__ return v;                                                                      \
    }

RT(c1, rc1, v.a += k;)
RT(c3, rc3, v.a[2] += k;) RT(i2, ri2, v.b += k;) RT(f2, rf2, v.y += k;) RT(f3, rf3, v.z += k;)
    RT(d1, rd1, v.d += k;) RT(id, rid, v.d += k; v.i -= k;) RT(di, rdi, v.d += k; v.c -= k;)
        RT(big, rbig, v.a[4] += k;) RT(ld, rld, v.l += k;) RT(mix, rmix, v.f += k; v.d -= k;)
            RT(c12, rc12, v.c += k;) RT(fi, rfi, v.f += k; v.i -= k;) RT(arr, rarr, v.s[6] += k;)
                __attribute__((noinline)) static double many(struct i2 a, struct c12 b, struct d1 c,
                                                             int d, int e, struct c12 f,
                                                             struct mix g, struct big h,
                                                             struct f3 i, float j)
{
    return a.a + a.b * 2 + b.a * 3 + b.c * 4 + c.d + d + e * 5 + f.c * 6 + g.f + g.d * 7 + h.a[3] +
           i.z * 8 + j;
}

struct bf {
    unsigned a : 3;
    int b : 5;
    unsigned c : 24;
    unsigned long d : 40;
    _Bool e : 1;
    signed f : 7;
    unsigned : 0;
    char g;
};

struct __attribute__((packed)) pk {
    char a;
    int b;
    short c;
    unsigned d : 13;
    unsigned long e : 51;
};

struct nest {
    int x;

    struct {
        int y;

        union {
            int z;
            float w;
        };
    };

    struct {
        int q;
    } in[2];
};

int main(void)
{
    struct c1 a = rc1((struct c1){ 1 }, 2);
    struct c3 b = rc3((struct c3){ "ab" }, 3);
    struct i2 c = ri2((struct i2){ 1, 2 }, 4);
    struct f2 d = rf2((struct f2){ 1, 2 }, 5);
    struct f3 e = rf3((struct f3){ 1, 2, 3 }, 6);
    struct d1 f = rd1((struct d1){ 1 }, 7);
    struct id g = rid((struct id){ 1, 2 }, 8);
    struct di h = rdi((struct di){ 1, 2 }, 9);
    struct big i = rbig((struct big){ { 1, 2, 3, 4, 5 } }, 10);
    struct ld l = rld((struct ld){ 1 }, 11);
    struct mix m = rmix((struct mix){ 1, 2, 3 }, 12);
    struct c12 n = rc12((struct c12){ 1, 2, 3 }, 13);
    struct fi o = rfi((struct fi){ 1, 2 }, 14);
    struct arr p = rarr((struct arr){ { 1, 2, 3, 4, 5, 6, 7 } }, 15);
    printf("%d %d %d %g %g %g %d %g %g %d %ld %Lg %g %d %g %d %g %d %d\n", a.a, b.a[2], c.b, d.y,
           e.z, f.d, g.i, g.d, h.d, h.c, i.a[4], l.l, m.f, m.i, m.d, n.c, o.f, o.i, p.s[6]);
    printf("%g\n", many(c, n, f, 1, 2, n, m, i, e, 0.5f));
    printf("%d %ld\n", rc12(n, 1).c, rbig(i, 1).a[4]);
    struct bf x = { 5, -3, 0xabcdef, 0x123456789a, 1, -60, 'g' };
    x.a += 4;
    x.b--;
    x.c <<= 4;
    x.d = ~x.d;
    x.e = 0;
    x.f += 100;
    printf("%u %d %x %lx %d %d %c %zu\n", x.a, x.b, x.c, (unsigned long)x.d, x.e, x.f, x.g,
           sizeof x);
    printf("%d\n", (x.a = 13) + 100);
    printf("%d\n", x.a++);
    printf("%d %d\n", ++x.a, -1 < x.a);
    struct pk k = { 1, 2, 3, 4, 5 };
    k.e = 0x7ffffffffffffUL;
    k.d = 0x1fff;
    k.b = -k.c;
    printf("%zu %d %d %d %x %lx %zu\n", sizeof k, k.a, k.b, k.c, k.d, (unsigned long)k.e,
           offsetof(struct pk, c));
    struct nest s = { 1, { 2, { 3 } }, { { 4 }, { 5 } } }, s2 = s;
    s2.w = 1.0f;
    printf("%d %d %x %d %zu\n", s2.x, s2.y, s2.z, s2.in[1].q, offsetof(struct nest, in[1].q));
    union u v = { .f = 1.0f };
    printf("%x %zu\n", v.i, sizeof v);
    s2 = s;
    printf("%d\n", s2.z);
    struct nest arr[3] = { [1] = { .in[1].q = 8, .x = 9 }, s };
    printf("%d %d %d %d\n", arr[0].x, arr[1].x, arr[1].in[1].q, arr[2].y);
    struct nest *pn = &arr[1];
    pn->in[0] = pn->in[1];
    *pn = *pn;
    (*pn).x++;
    printf("%d %d\n", pn->in[0].q, pn->x);
    struct big *bp = &i;
    i = rbig(*bp, 1);
    printf("%ld\n", bp->a[4]);
    printf("%ld\n", (s.x ? i : i).a[0]);
    struct emp em, em2 = em;
    (void)em2;
    printf("%zu\n", sizeof em);
    static struct bf sb = { 1, -1, 2, 3, 1, -4, 'z' };
    printf("%d %d %d %d %d %d %c\n", sb.a, sb.b, sb.c, (int)sb.d, sb.e, sb.f, sb.g);
    return 0;
}
