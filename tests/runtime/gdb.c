/* For test_gdb.py: two coroutines that wait, one that has not started, one that runs. */
#include <qemu/coroutine.h>
#include <stdio.h>

struct point {
    int x, y;
};

static int coroutine_fn leaf(int n)
{
    qemu_coroutine_yield(); /* here: leaf */
    return n + 1;
}

static int coroutine_fn middle(int n, const char *name)
{
    struct point p = { n, 2 * n };
    int sum = 0;

    for (int i = 0; i < n; i++) {
        long twice = 2 * i;
        sum += leaf(i) + (int)twice; /* here: middle */
        p.x++;
    }
    printf("%s %d\n", name, sum + p.x);
    return sum + p.y;
}

static void coroutine_fn body(void *opaque)
{
    int *result = opaque;

    *result = middle(*result, "middle"); /* here: body */
}

static CoQueue queue;

static void coroutine_fn waiter(void *opaque)
{
    qemu_co_queue_wait(&queue, NULL); /* here: waiter */
    *(int *)opaque = 1;
}

void stop_here(void);

__attribute__((noinline)) void stop_here(void)
{
    printf("stop\n");
}

static void coroutine_fn runner(void *opaque)
{
    (void)opaque;
    stop_here();
}

Coroutine *deep, *waiting, *fresh, *running;

int main(void)
{
    int results[3] = { 3, 0, 3 };

    qemu_co_queue_init(&queue);
    deep = qemu_coroutine_create(body, &results[0]);
    waiting = qemu_coroutine_create(waiter, &results[1]);
    fresh = qemu_coroutine_create(body, &results[2]);
    running = qemu_coroutine_create(runner, NULL);
    qemu_coroutine_enter(deep);
    qemu_coroutine_enter(deep);
    qemu_coroutine_enter(waiting);
    qemu_coroutine_enter(running);
    return 0;
}
