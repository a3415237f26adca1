/* goto in both directions across suspensions, into blocks, out of nested loops, and computed goto. */
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

static void coroutine_fn computed(void *opaque)
{
    static void *const table[] = { &&first, &&second, &&end };
    int wait = *(int *)opaque, pc = 0;

    goto *table[pc++];
first:
    later(wait, 1);
    goto *table[pc++];
second:
    later(wait, 2);
    goto *table[pc++];
end:
    later(wait, 3);
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("goto", both_ways, &wait);
        drive("computed", computed, &wait);
    }
}
