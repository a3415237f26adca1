/* Arrays of a loop body end with each round, in rounds with and without a suspension: memory does not pile up. */
#include "construct.h"

static void coroutine_fn test(void)
{
    long sum = 0;

    for (int i = 1; i <= 300; i++) {
        char a[i], *p = &a[i - 1];
        a[0] = 1;
        *p = (char)i;
        if (i % 3 == 0) {
            may_wait();
        }
        if (i % 5 == 0) {
            continue;
        }
        char b[2 * i];
        memset(b, i, sizeof b);
        if (i % 4 == 0) {
            may_wait();
        }
        sum += *p + b[2 * i - 1] + (long)sizeof b;
    }
    say("sum", sum);
}
