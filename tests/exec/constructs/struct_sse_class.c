/* Structs of the SSE class: floats, doubles and homogeneous ones. */
#include "construct.h"

struct f1 { float a; };
struct f2 { float a, b; };
struct f3 { float a, b, c; };
struct f4 { float v[4]; };
struct d1 { double a; };
struct d2 { double a, b; };

static struct f1 coroutine_fn one(struct f1 x) { may_wait(); x.a += 1; return x; }
static struct f2 coroutine_fn two(struct f2 x) { may_wait(); return (struct f2){ x.b, x.a }; }
static struct f3 coroutine_fn three(struct f3 x, struct f1 y) { may_wait(); x.c *= y.a; return x; }
static struct f4 coroutine_fn four(struct f4 x, int i) { may_wait(); x.v[i] = -1; return x; }
static struct d1 coroutine_fn done(struct d1 x) { may_wait(); x.a /= 4; return x; }
static struct d2 coroutine_fn dtwo(struct d2 x, struct d1 y) { may_wait(); x.a += y.a; x.b -= y.a; return x; }

static void coroutine_fn test(void)
{
    struct f1 a = one((struct f1){ 1.5f });
    struct f2 b = two((struct f2){ 2, 3 });
    struct f3 c = three((struct f3){ 4, 5, 6 }, one(a));
    struct f4 d = four(four((struct f4){ { 7, 8, 9, 10 } }, 1), 3);
    struct d1 e = done((struct d1){ 11 });
    struct d2 f = dtwo((struct d2){ 12, 13 }, e);

    may_wait();
    printf("%g, %g %g, %g %g %g\n", a.a, b.a, b.b, c.a, c.b, c.c);
    printf("%g %g %g %g, %g, %g %g\n", d.v[0], d.v[1], d.v[2], d.v[3], e.a, f.a, f.b);
}
