/* Spends its time in a function that coroutine functions call at first, and again when they were resumed. */
#include <qemu/coroutine.h>

static volatile unsigned long sink;
static int ended;

static void __attribute__((noinline)) work(long n)
{
    for (long i = 0; i < n; i++) {
        sink += i;
    }
}

static long coroutine_fn __attribute__((noinline)) leaf(long n)
{
    work(n);
    qemu_coroutine_yield();
    work(n);
    return n + 1;
}

static long coroutine_fn __attribute__((noinline)) middle(long n)
{
    long x = leaf(n);

    work(n);
    return x + leaf(n);
}

static void coroutine_fn entry(void *opaque)
{
    long x = middle(*(long *)opaque);

    work(x / 2);
    ended = 1;
}

int main(void)
{
    long n = 100000000;
    Coroutine *co = qemu_coroutine_create(entry, &n);

    while (!ended) {
        qemu_coroutine_enter(co);
    }
    return 0;
}
