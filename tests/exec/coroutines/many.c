/* Ten thousand coroutines alive at once, entered in an order that is not the order they were made in. */
#include "drive.h"
#include <stdlib.h>

#define COUNT 10000

struct task { unsigned id; unsigned long result; int done; };

static unsigned long coroutine_fn work(unsigned id, int depth)
{
    unsigned long mixed = id * 2654435761u + (unsigned)depth;

    if (depth > 0) {
        mixed ^= work(id + 1, depth - 1);
    }
    qemu_coroutine_yield();
    return mixed * 31 + id;
}

static void coroutine_fn task_entry(void *opaque)
{
    struct task *task = opaque;

    for (int i = 0; i < 3; i++) {
        task->result += work(task->id, i);
    }
    task->done = 1;
}

int main(void)
{
    struct task *tasks = calloc(COUNT, sizeof *tasks);
    Coroutine **coroutines = calloc(COUNT, sizeof *coroutines);
    unsigned long sum = 0, enters = 0;
    unsigned left = COUNT;

    for (unsigned i = 0; i < COUNT; i++) {
        tasks[i].id = i;
        coroutines[i] = qemu_coroutine_create(task_entry, &tasks[i]);
    }
    for (unsigned i = 0; left > 0; i = (i + 7919) % COUNT) {
        if (!tasks[i].done) {
            qemu_coroutine_enter(coroutines[i]);
            enters++;
            if (tasks[i].done) {
                left--;
                sum = sum * 3 + tasks[i].result;
            }
        }
    }
    printf("%lu %lu\n", enters, sum);
    free(tasks);
    free(coroutines);
}
