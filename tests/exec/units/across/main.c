/* Coroutine functions of other units: direct, inline ones of a header, through a table, large results, variadic. */
#include "shared.h"

int waits;

void coroutine_fn co_wait(void) { waits++; qemu_coroutine_yield(); }
extern long coroutine_fn common(long x);

static void coroutine_fn test(void *opaque)
{
    struct big b = ops.make(5);

    printf("%ld %g\n", b.v[5], b.d);
    printf("%ld\n", far(7, &b));
    printf("%ld %g\n", b.v[0], b.d);
    printf("%ld\n", near(1) * 100 + near(2));
    printf("%ld\n", ops.take(b, 2, 1.5, 2.5) + common(3));
    *(int *)opaque = waits;
}

int main(void)
{
    int done = 0, enters = 0;
    Coroutine *co = qemu_coroutine_create(test, &done);

    while (!done) {
        qemu_coroutine_enter(co);
        enters++;
    }
    printf("%d waits, %d enters\n", waits, enters);
    return 0;
}
