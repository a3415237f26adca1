/* The other unit of `weak`. */
#include <qemu/coroutine.h>

int coroutine_fn replaced(int x)
{
    for (int i = 0; i < 3; i++) {
        qemu_coroutine_yield();
    }
    return x + 100;
}

int coroutine_fn alias_of(int x) __attribute__((alias("replaced")));
