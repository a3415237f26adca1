/* _Float128 across suspensions, as argument, result and member (not interpreted: its functions of libgcc). */
#include "construct.h"

struct precise { char tag; _Float128 value; };

static _Float128 coroutine_fn third(_Float128 x)
{
    may_wait();
    return x / 3;
}

static struct precise coroutine_fn made(int n, _Float128 x)
{
    struct precise p = { (char)n, x };

    may_wait();
    p.value += third(p.value);
    return p;
}

static void coroutine_fn test(void)
{
    _Float128 x = 1, sum = 0;

    for (int i = 0; i < 5; i++) {
        sum += third(x);
        x *= 2;
        may_wait();
    }
    say("sum", (long)(sum * 1000));
    struct precise p = made(7, 90);
    _Float128 rest = p.value - third(p.value) - 80;
    may_wait();
    say("tag", p.tag);
    say("value", (long)p.value);
    say("exact", rest == 0);
    say("more than a double", (third(1) * 3 != (_Float128)((double)third(1)) * 3));
}
