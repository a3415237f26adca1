/* A cleanup that is a coroutine_fn itself and suspends: the returned value and the other variables survive it. */
#include "construct.h"

static void coroutine_fn release(int *p)
{
    say("release", *p);
    may_wait();
    *p = 0;
    may_wait();
    say("released", *p);
}

static int coroutine_fn f(int x)
{
    int __attribute__((cleanup(release))) a = x;
    int __attribute__((cleanup(release))) b = (int)get(2 * x);

    if (x == 2) {
        return a + b;
    }
    for (int i = 0; i < 2; i++) {
        int __attribute__((cleanup(release))) c = i;
        if (x == 3) {
            break;
        }
        may_wait();
    }
    return a * b;
}

static void coroutine_fn test(void)
{
    for (int x = 1; x < 4; x++) {
        int result = f(x);
        say("result", result);
    }
}
