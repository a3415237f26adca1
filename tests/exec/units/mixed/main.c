/* A mixed function of another unit, called outside and inside coroutines, directly and through pointers. */
#include "shared.h"

static int coroutine_mixed_fn through(int x) { int r = step(x); return r * 2; }

static void coroutine_fn test(void *opaque)
{
    struct two t = both(2, 4.5);
    CoStep *f = step;

    printf("%d %d %d\n", step(1), waiting(2), f(3));
    printf("%d %ld %g\n", through(4), t.a, t.b);
    *(int *)opaque = 1;
}

int main(void)
{
    int done = 0, enters = 0;
    struct two t = both(2, 4.5);
    int (*f)(int) = step;
    Coroutine *co = qemu_coroutine_create(test, &done);

    printf("%d %d %d\n", step(1), blocking(2), f(3));
    printf("%d %ld %g\n", through(4), t.a, t.b);
    printf("%d waits, %d blocks\n", waits, blocks);
    while (!done) {
        qemu_coroutine_enter(co);
        enters++;
    }
    printf("%d waits, %d blocks, %d enters\n", waits, blocks, enters);
    return 0;
}
