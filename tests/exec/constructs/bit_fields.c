/* Bit-fields of all kinds: assignment from a coroutine call, compound assignment, increments, across suspensions. */
#include "construct.h"

struct flags { unsigned a : 3; signed b : 5; unsigned long c : 40; _Bool d : 1; unsigned : 0; unsigned char e : 7; };

static struct flags coroutine_fn make(int x)
{
    struct flags f = { .a = x, .b = -x, .c = 1ul << 39 | x };
    may_wait();
    f.d = get(x) & 1;
    f.e = 100;
    return f;
}

static void coroutine_fn test(void)
{
    struct flags f = make(5), g = make(2), *p = &g;

    f.a += (unsigned)get(6);
    f.b = (int)get(-3);
    f.c ^= (unsigned long)get(255);
    may_wait();
    p->e++;
    p->b -= 4;
    g.d = !get(1);
    say("f.a", f.a), say("f.b", f.b), say("f.c", f.c), say("f.d", f.d), say("f.e", f.e);
    say("g.a", g.a), say("g.b", g.b), say("g.c", g.c), say("g.d", g.d), say("g.e", g.e);
    say("value", f.a = (unsigned)get(12));
    say("f.a++", f.a++);
    say("f.a", f.a);
}
