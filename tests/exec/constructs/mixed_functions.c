/* coroutine_mixed_fn: in a coroutine the version that waits, with one set of static variables. */
#include "construct.h"

struct pair { long a, b; };

static int waits, blocks;

static void coroutine_fn co_wait(int n) { while (n--) { waits++; may_wait(); } }
static void no_coroutine_fn block(int n) { blocks += n; }

static int coroutine_mixed_fn step(int x)
{
    static int count;
    if (qemu_in_coroutine()) {
        co_wait(x);
    } else {
        block(x);
    }
    return ++count * 10 + x;
}

static struct pair coroutine_mixed_fn two(int x)
{
    struct pair p = { step(x), 0 };
    bool inside = qemu_in_coroutine();

    if (!inside) {
        p.b = -1;
        return p;
    }
    co_wait(1);
    p.b = step(x + 1);
    return p;
}

static int plain(int x)
{
    int r = step(x);
    return r + (int)two(x).b;
}

static void coroutine_fn test(void)
{
    say("step", step(2));
    struct pair p = two(1);
    say("a", p.a), say("b", p.b);
    say("waits", waits);
    if (!qemu_in_coroutine()) {
        say("plain", plain(0));
    }
    say("blocks", blocks);
}
