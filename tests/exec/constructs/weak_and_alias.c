/* Weak coroutine functions, aliases of them, and a weak one that is not there (not interpreted: its address). */
#include "construct.h"

int coroutine_fn real(int x);
int coroutine_fn real(int x) { may_wait(); return x * 2; }
int coroutine_fn other_name(int x) __attribute__((alias("real")));
int coroutine_fn weak_name(int x) __attribute__((weak, alias("real")));
int coroutine_fn __attribute__((weak)) weak_one(int x) { return (int)get(x + 1); }
int coroutine_fn __attribute__((weak)) missing(int x);

static void coroutine_fn test(void)
{
    int coroutine_fn (*f)(int) = other_name;

    say("real", real(1)), say("alias", other_name(2)), say("weak alias", weak_name(3));
    say("weak", weak_one(4)), say("pointer", f(5));
    say("missing", missing != NULL);
    if (missing) {
        say("missing", missing(6));
    }
}
