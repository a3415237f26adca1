/* alloca() lives until the function returns, whatever blocks end. */
#include "construct.h"

#include <alloca.h>

static long coroutine_fn gather(int n)
{
    char *p[12];
    long s = 0;

    for (int i = 0; i < 12; i++) {
        p[i] = alloca(n + i * 100);
        memset(p[i], i + 1, n + i * 100);
        if (i % 3 == 1) {
            may_wait();
        }
    }
    for (int i = 0; i < 12; i++) {
        s = s * 3 + p[i][n + i * 100 - 1] + p[i][0];
    }
    return s;
}

static void coroutine_fn test(void)
{
    say("10", gather(10));
    say("1000", gather(1000));
}
