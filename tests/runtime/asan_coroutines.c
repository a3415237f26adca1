/* For test_checkers.py, compiled by cpc: deep coroutines that yield between calls of C that
 * AddressSanitizer watches; an argument makes that C go wrong. */
#include <qemu/coroutine.h>
#include <stdio.h>

int use_memory(int n, int wrong);

static int coroutine_fn descend(int depth, int wrong)
{
    char buffer[40];
    int sum = use_memory(depth + 1, wrong && depth == 3);

    snprintf(buffer, sizeof buffer, "%d", sum);
    if (depth % 3 == 0) {
        qemu_coroutine_yield();
    }
    sum += buffer[0];
    return depth > 0 ? sum + descend(depth - 1, wrong) : sum;
}

static void coroutine_fn run(void *opaque)
{
    int *value = opaque;

    *value = descend(30, *value);
}

int main(int argc, char **argv)
{
    Coroutine *cos[50];
    int values[50], total = 0;

    (void)argv;
    for (int i = 0; i < 50; i++) {
        values[i] = argc > 1;
        cos[i] = qemu_coroutine_create(run, &values[i]);
    }
    for (int turn = 0; turn < 12; turn++) {
        for (int i = 0; i < 50; i++) {
            qemu_coroutine_enter(cos[i]);
        }
    }
    for (int i = 0; i < 50; i++) {
        total += values[i];
    }
    printf("%d\n", total);
    return 0;
}
