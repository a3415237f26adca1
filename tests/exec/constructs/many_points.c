/* One function with two hundred suspension points, each with a state of its own. */
#include "construct.h"

#define P1 x = x * 3 + get(x & 7);
#define P10 P1 P1 P1 P1 P1 P1 P1 P1 P1 P1
#define P100 P10 P10 P10 P10 P10 P10 P10 P10 P10 P10

static unsigned long coroutine_fn many(unsigned long x)
{
    unsigned long first = x;

    P100 P100
    return x ^ first;
}

static void coroutine_fn test(void)
{
    say("many", (long)many(1));
}
