/* Arrays larger than any chunk of the area, and an alignment of their own. */
#include "construct.h"

#include <stdint.h>

static long coroutine_fn big(int n)
{
    _Alignas(64) char a[n];
    long sum = 0;

    memset(a, 3, sizeof a);
    may_wait();
    {
        char b[2 * n];
        b[2 * n - 1] = 5;
        may_wait();
        sum += b[2 * n - 1];
    }
    char c[n];
    c[n - 1] = (char)get(9);
    return sum + a[n - 1] + c[n - 1] + 100 * (long)((uintptr_t)a % 64);
}

static void coroutine_fn test(void)
{
    say("100", big(100));
    say("70000", big(70000));
    say("200", big(200));
}
