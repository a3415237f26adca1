/* How the C systems are driven.  Requires, before it is included: Coroutine, coroutine_create(entry,
 * opaque), coroutine_enter(co), `roots`, and the entries empty, once, count_down and nested. */
#include "bench.h"

static void lifecycle(long n)
{
    while (n--) {
        coroutine_enter(coroutine_create(empty, NULL));
    }
}

static void cost(long n)
{
    while (n--) {
        Coroutine *co = coroutine_create(once, NULL);
        coroutine_enter(co);
        coroutine_enter(co);
    }
}

static void nesting(struct nest *nest)
{
    coroutine_enter(coroutine_create(nested, nest));
}

static void yields(long n)
{
    long left = n;
    Coroutine *co = coroutine_create(count_down, &left);

    while (left > 0) {
        coroutine_enter(co);
    }
    coroutine_enter(co);
}

static void *spawn(struct work *w, int root)
{
    Coroutine *co = coroutine_create(roots[root], w);

    coroutine_enter(co);
    return co;
}

static long run(struct work *w, int root)
{
    Coroutine *co = coroutine_create(roots[root], w);
    long entered = 0;

    while (!w->ended) {
        coroutine_enter(co);
        entered++;
    }
    return entered;
}

static void resume(void *co)
{
    coroutine_enter((Coroutine *)co);
}

const struct coroutine_system coroutine_system = {
    lifecycle, cost, nesting, yields, run, spawn, resume
};
