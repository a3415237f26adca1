/* Several activations of the same functions in different coroutines do not disturb each other. */
#include "construct.h"

static int ended;

static long coroutine_fn work(int id, int n)
{
    long a[3] = { id, n, 0 };
    char v[n + 1];

    v[n] = (char)id;
    for (int i = 0; i < n; i++) {
        a[2] += id * i;
        qemu_coroutine_yield();
    }
    return a[0] * 1000 + a[1] * 100 + a[2] + v[n];
}

static void coroutine_fn one(void *opaque)
{
    int id = *(int *)opaque;
    say("work", work(id, id + 1));
    ended++;
}

static void coroutine_fn test(void)
{
    int ids[5] = { 1, 2, 3, 4, 5 };
    Coroutine *co[5];

    ended = 0;
    for (int i = 0; i < 5; i++) {
        co[i] = qemu_coroutine_create(one, &ids[i]);
    }
    for (int round = 0; ended < 5; round++) {
        for (int i = 0; i < 5; i++) {
            if (round <= ids[i] + 1) {
                qemu_coroutine_enter(co[i]);
            }
        }
        may_wait();
    }
}
