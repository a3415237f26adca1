/* Cleanups on the way of break, continue, goto forward and back, and out of switch. */
#include "construct.h"

static void leave(int *p) { say("leave", *p); }

static void coroutine_fn test(void)
{
    int n = 0;
    for (int i = 0; i < 6; i++) {
        int __attribute__((cleanup(leave))) a = i;
        if (get(i) == 1) {
            continue;
        }
        switch (i) {
        case 2: {
            int __attribute__((cleanup(leave))) b = 20 + (int)get(1);
            break;
        }
        case 3: {
            int __attribute__((cleanup(leave))) c = 30;
            may_wait();
            if (n++ < 2) {
                goto again;
            }
            goto out;
        }
        default:
            say("default", i);
        }
        continue;
    again:
        i = 0;
        may_wait();
    }
out:
    say("n", n);
}
