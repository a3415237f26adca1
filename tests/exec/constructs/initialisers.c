/* Coroutine calls in initialisers of scalars, arrays, structs, designated, nested and of their own later members. */
#include "construct.h"

struct point { int x, y; };
struct line { struct point from, to; const char *name; int w[3]; };

static struct point coroutine_fn at(int x) { may_wait(); return (struct point){ x, -x }; }

static void coroutine_fn test(void)
{
    int a = (int)get(1), b = a + (int)get(2), c[] = { (int)get(3), a, [4] = (int)get(5), b };
    struct line l = { at(1), .to = { .y = (int)get(8) }, .name = "l", .w = { 1, (int)get(2), 3 } };
    struct line m = { .from.x = a, .to = at(9), .w[1] = (int)get(6) }, *p[] = { &l, &m };
    char text[] = "text", *q = text + get(1);
    double d = (double)get(3) / 2, e[2][2] = { { 1, (double)get(2) }, { (double)get(3) } };

    say("c", (long)(sizeof c / sizeof *c));
    say("sum", c[0] + c[1] * 10 + c[2] * 100 + c[4] * 1000 + c[5] * 10000);
    say("l", p[0]->from.y + p[0]->to.y * 10 + l.to.x + l.w[1] * 100);
    say("m", p[1]->to.x + m.from.x * 10 + m.w[1] * 100 + m.w[0]);
    say("q", *q), say("d", (long)(d * 10 + e[0][1] + e[1][0] + e[1][1]));
}
