/* Labels as values: a table of them, offsets between them, and labels in variables that live across suspensions. */
#include "construct.h"

static int coroutine_fn run(const unsigned char *p, int x)
{
    static void *const table[] = { &&stop, &&inc, &&dbl, &&wait };
    static const int offsets[] = { &&stop - &&stop, &&inc - &&stop, &&dbl - &&stop, &&wait - &&stop };
    void *again = &&loop;
    int n = 0;

loop:
    n++;
    if (n & 1) {
        goto *table[*p++];
    }
    goto *(&&stop + offsets[*p++]);
inc:
    x++;
    goto *again;
dbl:
    x = (int)get(x * 2);
    goto *again;
wait:
    may_wait();
    again = again == &&other ? &&loop : &&other;
    goto *again;
other:
    x += 100;
    goto loop;
stop:
    return again == NULL ? -1 : x;
}

/* Called once, and it never waits: its body could be part of its caller's, but its labels are in a table. */
static void coroutine_fn fall_from(int n)
{
    static void *const table[] = { &&two, &&one, &&none };

    goto *table[2 - n];
two:
    say("two", n);
one:
    say("one", n);
none:
    say("none", n);
}

static void coroutine_fn test(void)
{
    static const unsigned char code[] = { 1, 2, 3, 1, 3, 3, 2, 2, 1, 0 };

    say("run", run(code, 3));
    say("from the third", run(code + 2, 4));
    fall_from((int)get(1));
}
