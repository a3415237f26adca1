/* A million activations without a suspension are plain C; a hundred thousand suspended ones are frames. */
#include <qemu/coroutine.h>
#include <stdio.h>

static int wait_at_leaf, ended;

static long coroutine_fn down(long n)
{
    if (n == 0) {
        if (wait_at_leaf) {
            qemu_coroutine_yield();
        }
        return 0;
    }
    return down(n - 1) + 1;
}

static long coroutine_fn odd(long n);
static long coroutine_fn even(long n) { long x = n == 0 ? 0 : odd(n - 1); return x + 1; }
static long coroutine_fn odd(long n)
{
    long copy = n, *p = &copy;

    if (n % 1000 == 1 && wait_at_leaf) {
        qemu_coroutine_yield();
    }
    return (n == 0 ? 0 : even(n - 1)) + (*p == n);
}

static void coroutine_fn test(void *opaque)
{
    printf("%ld\n", down(1000000));
    wait_at_leaf = 1;
    printf("%ld\n", down(100000));
    printf("%ld\n", even(100000));
    ended = 1;
}

int main(void)
{
    Coroutine *co = qemu_coroutine_create(test, NULL);
    int enters = 0;

    while (!ended) {
        qemu_coroutine_enter(co);
        enters++;
    }
    printf("%d enters\n", enters);
    return 0;
}
