/* Each activation of a variadic function has arguments of its own, also while others are suspended. */
#include "construct.h"

#include <stdarg.h>

static long coroutine_fn deep(int n, ...)
{
    va_list ap;
    long s = 0;

    va_start(ap, n);
    s += va_arg(ap, int);
    long below = n > 0 ? deep(n - 1, n * 10, (long)n) : get(0);
    s = s * 3 + va_arg(ap, long) + below;
    va_end(ap);
    return s;
}

static void coroutine_fn test(void)
{
    say("deep", deep(12, 1, 2l));
}
