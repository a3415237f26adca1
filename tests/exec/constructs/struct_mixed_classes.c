/* One integer and one SSE register in either order, long double members, and two results at once in memory. */
#include "construct.h"

struct di { double d; int i; };
struct ld { long l; double d; };
struct fi { float f; int i; float g; };
struct x87 { long double x; };
struct twox { long double x, y; };

static struct di coroutine_fn a(struct di x) { may_wait(); return (struct di){ x.i, (int)x.d }; }
static struct ld coroutine_fn b(struct ld x, struct di y) { may_wait(); x.l += y.i; x.d += y.d; return x; }
static struct fi coroutine_fn c(struct fi x) { may_wait(); x.g = x.f + x.i; return x; }
static struct x87 coroutine_fn d(struct x87 x) { may_wait(); x.x *= 3; return x; }
static struct twox coroutine_fn e(struct x87 x, struct twox y) { may_wait(); y.y += x.x; return y; }

static void coroutine_fn test(void)
{
    struct di p = a((struct di){ 2.5, 7 });
    struct ld q = b((struct ld){ 100, 0.5 }, a(p));
    struct fi r = c(c((struct fi){ 1.5f, 3, 0 }));
    struct x87 s = d((struct x87){ 0.25L });
    struct twox t = e(s, (struct twox){ 1, 2 });

    may_wait();
    printf("%g %d, %ld %g, %g %d %g, %Lg, %Lg %Lg\n", p.d, p.i, q.l, q.d, r.f, r.i, r.g, s.x, t.x, t.y);
}
