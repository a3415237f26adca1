/* _Atomic variables of the function itself, live across suspensions, with and without their address taken. */
#include "construct.h"

#include <stdatomic.h>

static void add(atomic_int *p, int n) { atomic_fetch_add(p, n); }

static void coroutine_fn test(void)
{
    _Atomic int a = 1;
    atomic_int b = 2;
    _Atomic long c = get(3);
    _Atomic _Bool flag = 0;

    a += (int)get(4);
    may_wait();
    b++;
    add(&b, (int)get(10));
    may_wait();
    c *= a;
    atomic_exchange(&c, c + get(1));
    flag = (_Bool)get(7);
    int expected = 13;
    say("swapped", atomic_compare_exchange_strong(&b, &expected, (int)get(50)));
    say("a", a), say("b", b), say("c", c), say("flag", flag);
    say("expected", expected);
}
