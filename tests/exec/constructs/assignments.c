/* Assignments of results to every kind of place: the place is the same one whether the call suspends or not. */
#include "construct.h"

struct s { char c; int a[3]; struct s *next; double d; };

static void coroutine_fn test(void)
{
    struct s x = { 'a', { 1, 2, 3 }, NULL, 1 }, y = x, *p = &x;
    int n = 5, m;

    p->next = &y;
    p->a[1] = (int)get(7);
    p->next->c = (char)get('z');
    (p = p->next)->d = (double)get(3) / 4;
    m = n = (int)get(8);
    n += m -= (int)get(3);
    n <<= get(2);
    n %= (int)get(7) + 2;
    p->d *= (double)get(2);
    p->d -= get(1);
    x.a[2] |= (int)get(64);
    y.a[0] = y.a[1] = (int)get(4);
    *(&n + 0) ^= (int)get(1);
    say("m", m), say("n", n), say("c", y.c), say("d", (long)(y.d * 100));
    say("a", x.a[1] * 10000 + x.a[2] * 100 + y.a[0] * 10 + y.a[1]);
}
