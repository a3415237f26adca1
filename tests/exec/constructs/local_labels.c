/* __label__: labels of a block, of a macro that is used twice, and jumps out of a statement expression. */
#include "construct.h"

#define FIND(array, n, x) \
    ({ \
        __label__ found; \
        int at_ = 0; \
        for (; at_ < (n); at_++) { \
            if (get((array)[at_]) == (x)) { \
                goto found; \
            } \
        } \
        at_ = -1; \
    found: \
        may_wait(); \
        at_; \
    })

static void coroutine_fn test(void)
{
    int array[] = { 4, 5, 6 };
    int rounds = 0;

    say("both", FIND(array, 3, 5) * 10 + FIND(array, 3, 6));
    say("none", FIND(array, 3, 9));
again:
    {
        __label__ again, out;
        int inner = 0;

    again:
        if (get(inner++) < 3) {
            goto again;
        }
        if (rounds < 2) {
            goto out;
        }
        say("inner", inner);
    out:
        may_wait();
    }
    if (rounds++ < 3) {
        goto again;
    }
    say("left", ({ if (get(rounds) == 4) { goto end; } 1; }));
    say("not", 0);
end:
    say("rounds", rounds);
}
