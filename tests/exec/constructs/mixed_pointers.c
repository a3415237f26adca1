/* The address of a mixed function: as a pointer to a coroutine_fn it is the version that waits. */
#include "construct.h"

typedef int coroutine_fn CoStep(int);

static int waited;

static int coroutine_mixed_fn step(int x)
{
    if (qemu_in_coroutine()) {
        waited++;
        may_wait();
        return x + 1;
    }
    return x + 1;
}
static int coroutine_mixed_fn twice(int x) { int r = step(x); return step(r); }
extern int coroutine_mixed_fn other(int x);
int coroutine_mixed_fn other(int x) { return twice(x) * 2; }

static CoStep *const table[] = { step, twice, other };
static int coroutine_fn call(CoStep *f, int x) { return f(x); }

static void coroutine_fn test(void)
{
    for (int i = 0; i < 3; i++) {
        say("table", table[i](i));
        say("again", table[i](i + 10));
    }
    say("argument", call(twice, 5));
    CoStep *f = get(1) ? (CoStep *)other : (CoStep *)step;
    say("chosen", f(6));
    say("waited", waited);
    waited = 0;
}
