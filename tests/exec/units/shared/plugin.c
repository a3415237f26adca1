/* The plugin of `shared`. */
#include <qemu/coroutine.h>

static long coroutine_fn twice(long x, long coroutine_fn (*back)(long))
{
    long a[x];

    for (long i = 0; i < x; i++) {
        a[i] = back(i);
    }
    qemu_coroutine_yield();
    return a[x - 1] * 2 + a[0];
}

long coroutine_fn work(long x, long coroutine_fn (*back)(long));
long coroutine_fn work(long x, long coroutine_fn (*back)(long))
{
    long r = twice(x, back);
    qemu_coroutine_yield();
    return r + qemu_in_coroutine();
}
