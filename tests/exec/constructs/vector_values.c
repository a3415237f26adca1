/* GNU vectors across suspensions, as arguments and results. */
#include "construct.h"

typedef int v4 __attribute__((vector_size(16)));
typedef double v2d __attribute__((vector_size(16)));
typedef short v4h __attribute__((vector_size(8)));
typedef long v8 __attribute__((vector_size(64)));

static v4 coroutine_fn twice(v4 a) { may_wait(); return a + a; }
static v2d coroutine_fn mix(v2d a, double x, v2d b) { may_wait(); return a * x + b; }
static v4h coroutine_fn small(v4h a) { may_wait(); return a - 1; }
static v8 coroutine_fn large(v8 a, long x) { may_wait(); a[3] = x; return a * 2; }

static void coroutine_fn test(void)
{
    v4 a = { 1, 2, 3, 4 }, b = twice(a);
    v2d d = { 0.5, 4 };
    v4h h = { 10, 20, 30, 40 };
    v8 l = { 1, 2, 3, 4, 5, 6, 7, 8 };

    may_wait();
    a += twice(b) & (a > 2);
    d = mix(d, 3, (v2d){ 1, 2 });
    h = small(small(h));
    l = large(l, get(50)) + l;
    may_wait();
    a[1] = (int)get(77);
    for (int i = 0; i < 4; i++) {
        printf("%d %d %d %ld\n", a[i], b[i], h[i], l[2 * i + 1]);
    }
    printf("%g %g\n", d[0], d[1]);
}
