/* goto into blocks and loops, past initialisers, and out of several levels. */
#include "construct.h"

static int coroutine_fn f(int way)
{
    int sum = 0;

    if (way == 1) {
        goto inside;
    }
    for (int i = 0; i < 3; i++) {
        int fresh = 5;
        if (way == 0) {
            sum += (int)get(fresh);
            continue;
        }
    inside:
        fresh = 7;
        may_wait();
        while (1) {
            sum += fresh;
            if (sum > 30) {
                goto out;
            }
            may_wait();
            if (way == 2) {
                break;
            }
        }
        i = i < 0 || i > 3 ? 0 : i;
    }
    sum += 1000;
out:
    {
        int last = (int)get(sum);
        if (last < 40) {
            sum++;
            goto out;
        }
        return last;
    }
}

static void coroutine_fn test(void)
{
    for (int way = 0; way < 3; way++) {
        if (way != 1) {
            say("f", f(way));
        }
    }
}
