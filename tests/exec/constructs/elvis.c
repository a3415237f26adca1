/* a ?: b evaluates a once, and b only when it is needed; nested, in conditions, with pointers. */
#include "construct.h"

static int calls;
static int values[2] = { 7, 8 };

static int coroutine_fn next(int x)
{
    may_wait();
    say("next", ++calls);
    return x;
}

static int *coroutine_fn find(int i)
{
    may_wait();
    say("find", i);
    return i < 2 ? &values[i] : NULL;
}

static void coroutine_fn test(void)
{
    int zero = 0;

    calls = 0;
    say("first", next(3) ?: next(4));
    say("second", next(0) ?: next(5));
    say("nested", next(0) ?: zero ?: next(0) ?: 6);
    say("pointer", *(find(5) ?: find(1)));
    if (!(next(0) ?: 0)) {
        say("condition", calls);
    }
    long wide = next(-1) ?: 1L;
    say("converted", wide);
}
