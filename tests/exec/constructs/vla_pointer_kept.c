/* A callee keeps a pointer into the caller's array, and another coroutine_fn writes through it later. */
#include "construct.h"

static int *kept;

static void coroutine_fn keep(int *p) { kept = p; may_wait(); }
static void coroutine_fn change(void) { may_wait(); *kept += 7; may_wait(); }

static int coroutine_fn use(int n)
{
    int a[n];

    memset(a, 0, sizeof a);
    keep(&a[n / 2]);
    may_wait();
    change();
    return a[n / 2] + a[0];
}

static void coroutine_fn test(void)
{
    say("changed", use(9));
    say("changed", use(1000));
}
