/* goto backwards over the declaration and out of nested arrays; an array that is declared again is a new one. */
#include "construct.h"

static void coroutine_fn test(void)
{
    int k = 1, sum = 0;

again:;
    int a[k];
    a[k - 1] = k;
    {
        long inner[k + 1];
        inner[k] = get(5 * k);
        if (k == 6) {
            goto out;
        }
        sum += (int)inner[k];
    }
    sum += a[k - 1];
    if (k++ < 9) {
        may_wait();
        goto again;
    }
out:
    say("k", k);
    say("sum", sum);
}
