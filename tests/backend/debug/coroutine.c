/* Variables in coroutine functions, before and after a suspension; the test stops at the comments. */
#include "qemu/coroutine.h"

struct pair {
    int a;
    long b;
};

static void touch(struct pair *pair)
{
    pair->b += pair->a;
}

static int coroutine_fn __attribute__((noinline)) inner(struct pair *pair, int depth)
{
    int here = depth * 2;
    char text[300] = "text"; /* boxed: too large to be copied */
    touch(pair);
    text[0]++; /* stop: inner ramp */
    qemu_coroutine_yield();
    text[1]++; /* stop: inner resumed */
    here += pair->a + depth;
    return here + text[0];
}

static void coroutine_fn outer(void *opaque)
{
    static int calls;
    struct pair local = { 1, 2 };
    int total = 0, *where = opaque;
    double half = 0.5;
    for (int i = 0; i < 3; i++) {
        struct pair copy = local; /* boxed: its address is used across a suspension */
        int got;
        calls++; /* stop: outer */
        got = inner(&copy, i);
        total += got;
        half *= 2; /* stop: outer resumed */
        local.a += 1;
    }
    *where = total + (int)half;
}

int main(void)
{
    int result = 0;
    Coroutine *co = qemu_coroutine_create(outer, &result);
    for (int i = 0; i < 4; i++) {
        qemu_coroutine_enter(co);
    }
    return result == 0;
}
