/* Calls through pointers in arrays, parameters, returned ones and ones chosen by conditions, and casts of them. */
#include "construct.h"

typedef int coroutine_fn Op(int, int);

static int coroutine_fn add(int a, int b) { may_wait(); return a + b; }
static int coroutine_fn sub(int a, int b) { return a - b; }
static int coroutine_fn mul(int a, int b) { return (int)get(a) * b; }

static Op *const ops[] = { add, sub, mul };

static Op *choose(int i) { return ops[i % 3]; }
static Op *coroutine_fn choose_late(int i) { may_wait(); return ops[i % 3]; }
static int coroutine_fn apply(int coroutine_fn (*op)(int, int), int a, int b) { return op(a, b) + (*op)(b, a); }
static int coroutine_fn fold(Op **op, int n) { int r = 1; while (n--) { r = (*op++)(r, n); } return r; }

static void coroutine_fn test(void)
{
    Op *local[4] = { mul, add, sub, add }, **p = local;
    int x = (int)get(1);

    for (int i = 0; i < 3; i++) {
        say("op", ops[i](10, i));
        say("apply", apply(ops[i], 7, i));
        say("chosen", choose(i)(20, i));
        say("chosen late", choose_late(i + 1)(20, i));
    }
    say("fold", fold(local, 4));
    say("conditional", (x ? add : sub)(5, 6));
    say("conditional", (get(0) ? choose(0) : p[2])(5, 6));
    say("cast", ((Op *)(void *)mul)(3, 4));
    say("increment", (*p++)(2, 3)), say("increment", (**p)(2, 3));
}
