/* Cleanups run once, innermost first, after the returned value was computed. */
#include "construct.h"

static int level;

static void leave(int *p) { say("leave", *p); level--; }
static int enter(void) { return ++level; }

static int coroutine_fn f(int way)
{
    int __attribute__((cleanup(leave))) a = enter();
    may_wait();
    for (int i = 0; i < 3; i++) {
        int __attribute__((cleanup(leave))) b = enter() * 10;
        if (way == i) {
            return level + (int)get(100 * a + b);
        }
        may_wait();
    }
    return (int)get(level);
}

static void coroutine_fn test(void)
{
    for (int way = 0; way < 4; way++) {
        int result = f(way);
        say("result", result);
        say("level", level);
    }
}
