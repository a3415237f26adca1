/* Variables that nothing reads after a suspension, and results that gdb is asked for. */
#include "qemu/coroutine.h"

struct pair {
    long a, b;
};

static double coroutine_fn real(int x)
{
    if (x > 100) {
        qemu_coroutine_yield();
    }
    return x * 2.5;
}

static struct pair coroutine_fn both(int x)
{
    struct pair made = { x, x + 1 };
    qemu_coroutine_yield();
    return made;
}

static int coroutine_fn whole(int x)
{
    if (x > 100) {
        qemu_coroutine_yield();
    }
    return x * 2;
}

static void coroutine_fn work(void *opaque)
{
    int before = 5, *result = opaque;
    *result = before;
    for (int i = 7; i < 8; i++) {
        int inside = i;
        *result += inside;
        qemu_coroutine_yield();
        *result += 1; /* stop: resumed */
        inside = 3;
        *result += inside;
    }
    before = whole(3);
    *result += before + (int)real(4);
    *result += both(5).a;
}

int main(void)
{
    int result = 0;
    Coroutine *co = qemu_coroutine_create(work, &result);
    for (int i = 0; i < 3; i++) {
        qemu_coroutine_enter(co);
    }
    return result != 37;
}
