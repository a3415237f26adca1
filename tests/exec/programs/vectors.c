/* GNU vectors: arithmetic, comparison, subscripts, shuffles, passing, conversion. */
#include <stdio.h>
typedef int v4i __attribute__((vector_size(16)));
typedef float v4f __attribute__((vector_size(16)));
typedef unsigned char v16 __attribute__((vector_size(16)));
typedef double v2d __attribute__((vector_size(16)));
typedef int v2i __attribute__((vector_size(8)));

static __attribute__((noinline)) v4i add(v4i a, v4i b)
{
    return a + b * 2;
}

static __attribute__((noinline)) v4f mul(v4f a, float b)
{
    return a * b;
}

static __attribute__((noinline)) v2i half(v2i a)
{
    return a - 1;
}

struct s {
    v4f v;
};

static __attribute__((noinline)) struct s st(struct s x)
{
    x.v += 1;
    return x;
}

static void pi(v4i v)
{
    printf("%d %d %d %d\n", v[0], v[1], v[2], v[3]);
}

static v4i g = { 1, 2, 3 };

int main(void)
{
    v4i a = { 1, 2, 3, 4 }, b = { 10, 20, 30, 40 };
    pi(add(a, b));
    pi(a < 3);
    pi(-a);
    pi(~b);
    pi(b / a);
    pi(b % 7);
    pi(a << 2);
    pi(b >> a);
    pi((a == b) | (a != b));
    pi(g);
    a[2] = 99;
    a[0]++;
    pi(a);
    v4f f = mul((v4f){ 1, 2, 3, 4 }, 1.5f);
    printf("%g %g\n", f[0], f[3]);
    v2i h = half((v2i){ 5, 6 });
    printf("%d %d\n", h[0], h[1]);
    struct s s = st((struct s){ f });
    printf("%g\n", s.v[1]);
    v16 c = (v16)a;
    printf("%d\n", c[8]);
    int i = 2;
    printf("%d\n", add(a, b)[i]);
    pi(__builtin_shuffle(a, b, (v4i){ 0, 4, 1, 5 }));
    v4i m = { 3, 2, 1, 0 };
    m[0] = i;
    pi(__builtin_shuffle(a, m));
    pi(__builtin_convertvector(f, v4i));
    v2d d = { 1.5, 2.5 };
    d *= d;
    printf("%g %g\n", d[0], d[1]);
    pi((v4i)(f > 2));
    v4i *p = &a;
    (*p)[1] = 5;
    pi(*p);
    pi(1 + a);
    return 0;
}
