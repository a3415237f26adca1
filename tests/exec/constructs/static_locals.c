/* Static variables of a function are shared by its activations, also when these overlap. */
#include "construct.h"

static int coroutine_fn f(int x)
{
    static int calls, table[4] = { 1, 2, 3, 4 };
    static const char *const names[] = { "a", "b" };
    int *p = &table[x & 3];

    calls++;
    *p += (int)get(10);
    if (x > 0) {
        f(x - 1);
    }
    may_wait();
    return calls * 1000 + *p + names[x & 1][0];
}

static void coroutine_fn test(void)
{
    say("f", f(5));
    say("f", f(0));
}
