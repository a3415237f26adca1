/* `return f(p)` with memory of alloca: the callee may use it to its end. */
#include "construct.h"

#include <alloca.h>

static long coroutine_fn use(const char *p, int n)
{
    long s = 0;

    for (int i = 0; i < n; i++) {
        s += p[i] + get(1);
    }
    return s;
}

static long coroutine_fn tail(int n)
{
    char *p = alloca(n);

    memset(p, n, n);
    return use(p, n);
}

static void coroutine_fn test(void)
{
    for (int i = 1; i < 30; i += 7) {
        say("sum", tail(i));
    }
}
