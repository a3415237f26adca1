/* A plugin by dlopen: its coroutine functions suspend below ours, and call ours back. */
#include <dlfcn.h>
#include <qemu/coroutine.h>
#include <stdio.h>

typedef long coroutine_fn Work(long x, long coroutine_fn (*back)(long));

static long coroutine_fn back(long x)
{
    long sum = 0;

    for (long i = 0; i < x; i++) {
        qemu_coroutine_yield();
        sum += i;
    }
    return sum;
}

static void coroutine_fn test(void *opaque)
{
    void **symbols = opaque;
    Work *work = (Work *)symbols[0];
    char text[symbols[0] ? 40 : 1];
    long first = work(4, back);

    snprintf(text, sizeof text, "%ld %ld", first, work(5, back));
    puts(text);
    symbols[1] = NULL;
}

int main(int argc, char **argv)
{
    void *library = dlopen(argv[argc - 1], RTLD_NOW), *symbols[2] = { NULL, test };
    int enters = 0;

    if (!library || !(symbols[0] = dlsym(library, "work"))) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    Coroutine *co = qemu_coroutine_create(test, symbols);
    while (symbols[1]) {
        qemu_coroutine_enter(co);
        enters++;
    }
    printf("%d enters\n", enters);
    return 0;
}
