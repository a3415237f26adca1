/* Several calls in one expression, whose order C leaves open: with PLAIN they are plain calls, and the order is the
 * same (the test compares the two). */
#include <stdio.h>

#ifdef PLAIN
#define coroutine_fn
static void pause_(void) { }
#else
#include <qemu/coroutine.h>
static int turn;
static void coroutine_fn pause_(void) { if (turn++ % 3) { qemu_coroutine_yield(); } }
#endif

struct s { int a, b; };

static int g = 1, array[10];

static int coroutine_fn t(int x) { printf("%d ", x); pause_(); g = g * 3 + x; return x; }
static int coroutine_fn sum(int a, int b, int c, int d) { pause_(); return a + b * 2 + c * 3 + d * 4; }
static struct s coroutine_fn make(int a, int b) { struct s s = { t(a), t(b) }; return s; }
static int *coroutine_fn at(int i) { printf("[%d] ", i); pause_(); return &array[i]; }
typedef int coroutine_fn T(int);
static T *choose(int i) { printf("(%d) ", i); return t; }

static void coroutine_fn test(void *opaque)
{
    printf("= %d\n", sum(t(1), t(2), g, t(3)));
    printf("= %d\n", t(4) + g * t(5) - (t(6), g));
    *at(1) = t(7);
    *at(2) += *at(1) + t(8);
    array[t(3)] = array[t(1)] + g;
    printf("= %d\n", choose(1)(choose(2)(t(9))));
    struct s s = make(t(10), g), u = { .b = t(11), .a = t(12) };
    printf("= %d %d %d\n", s.a + s.b, u.a, u.b);
    printf("= %d %d %d\n", g, t(13), g);
    int x = g + t(14) + g;
    x += t(15) + x;
    printf("= %d\n", x);
    printf("= %d\n", sum(x, t(x & 7), x = 5, t(16)) + make(t(17), t(18)).b);
    int v[t(3)][t(2)];
    v[t(1)][t(0)] = t(19);
    printf("= %d %d\n", (int)sizeof v, v[1][0]);
    *(int *)opaque = 1;
}

int main(void)
{
    int done = 0;

#ifdef PLAIN
    test(&done);
#else
    Coroutine *co = qemu_coroutine_create(test, &done);
    while (!done) {
        qemu_coroutine_enter(co);
    }
#endif
    return 0;
}
