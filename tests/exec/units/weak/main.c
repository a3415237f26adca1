/* A weak coroutine function that another unit defines, one that it does not, and one that nobody defines. */
#include <qemu/coroutine.h>
#include <stdio.h>

int coroutine_fn __attribute__((weak)) replaced(int x) { qemu_coroutine_yield(); return x; }
int coroutine_fn __attribute__((weak)) kept(int x) { qemu_coroutine_yield(); return x; }
int coroutine_fn __attribute__((weak)) missing(int x);
int coroutine_fn alias_of(int x);

static void coroutine_fn test(void *opaque)
{
    int coroutine_fn (*all[])(int) = { replaced, kept, missing, alias_of };

    for (int i = 0; i < 4; i++) {
        printf("%d\n", all[i] ? all[i](i) : -1);
    }
    *(int *)opaque = 1;
}

int main(void)
{
    int done = 0, enters = 0;
    Coroutine *co = qemu_coroutine_create(test, &done);

    while (!done) {
        qemu_coroutine_enter(co);
        enters++;
    }
    printf("%d enters\n", enters);
    return 0;
}
