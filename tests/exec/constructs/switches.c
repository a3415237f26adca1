/* switch on a coroutine call; ranges, fallthrough, default in the middle, nested switches, case in nested blocks. */
#include "construct.h"

static int coroutine_fn f(long x)
{
    int r = 0;

    switch (get(x)) {
    case 0:
        r = 1;
        break;
    default:
        r = 100;
        may_wait();
        /* fall through */
    case 1 ... 4:
        r += 10;
        switch (get(x) & 1) {
        case 1:
            may_wait();
            r += 1000;
        }
        break;
    case 0x100000000: {
        may_wait();
        if (0) {
    case -1:
            r = (int)get(50);
        }
        r += 5;
    }
    }
    return r;
}

static void coroutine_fn test(void)
{
    for (long x = -2; x < 7; x++) {
        say("f", f(x));
    }
    say("large", f(0x100000000));
}
