/* goto in both directions across suspensions, into blocks, and out of nested loops. */
#include "drive.h"

static void coroutine_fn both_ways(void *opaque)
{
    int wait = *(int *)opaque, n = 0;

again:
    later(wait, n);
    if (++n < 3) {
        goto again;
    }
    goto inside;
    while (n > 0) {
        later(wait, 100 + n);
inside:
        later(!wait, 200 + n);
        n--;
    }
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            if (later(wait, 10 * i + j) == 11) {
                goto out;
            }
        }
    }
out:
    later(wait, -1);
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("goto", both_ways, &wait);
    }
}
