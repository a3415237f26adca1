/* Coroutine calls in subscripts, operands of increments, and addresses that are computed before a call. */
#include "construct.h"

struct row { int v[4], *p; };

static void coroutine_fn test(void)
{
    int a[5] = { 10, 20, 30, 40, 50 }, i = 0;
    struct row rows[2] = { { { 1, 2, 3, 4 }, a }, { { 5, 6, 7, 8 }, a + 2 } };

    say("subscript", a[get(2)]);
    a[get(1)] = 21;
    a[get(3)] += 5;
    a[get(4)]++;
    --*(a + get(0));
    rows[get(1)].v[get(2)] <<= get(3);
    rows[0].p[get(1)] ^= 1;
    *rows[get(1)].p++ = (int)get(99);
    i += (int)get(1);
    i = i + (int)get(i + 1) * i;
    say("i", i);
    say("i++", i++ + get(0));
    say("reversed", get(1)[a]);
    for (int k = 0; k < 5; k++) {
        say("a", a[k]);
    }
    say("rows", rows[1].v[2]), say("p", rows[1].p - a);
}
