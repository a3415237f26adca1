/* A mixed function may call a coroutine_fn only where it knows that it is in a coroutine. */
#include <qemu/coroutine.h>

static void coroutine_fn co_f(void) { qemu_coroutine_yield(); }

int coroutine_mixed_fn guarded(int x)
{
    bool inside = qemu_in_coroutine();

    if (qemu_in_coroutine() && x) {
        co_f();
    }
    if (!inside) {
        return 0;
    }
    co_f();
    return 1;
}

void coroutine_mixed_fn unguarded(int x)
{
    bool inside = qemu_in_coroutine();

    if (x) {
        inside = true;
    }
    if (inside) {
        co_f(); //~ E0104: coroutine_mixed_fn 'unguarded' calls coroutine_fn 'co_f'
    }
    qemu_coroutine_yield(); //~ E0104: calls coroutine_fn 'qemu_coroutine_yield'
}
