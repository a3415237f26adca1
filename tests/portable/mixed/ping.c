/* Half of a program in two units, which call each other's coroutine functions: see pong.c. */
#include <co.h>
#include <stdio.h>
#include <string.h>

int coroutine_fn pong(int depth, int each);
struct pair {
    long sum;
    double half;
};
struct pair coroutine_fn pong_pair(long a, double b);

long coroutine_fn sink(int depth);
long coroutine_fn rise(int depth);

/* Deep in frames and shallow in stack: each level is called by the resumed one above. */
long coroutine_fn sink(int depth)
{
    qemu_coroutine_yield();
    return depth ? rise(depth - 1) + 1 : 0;
}

int coroutine_fn ping(int depth, int each);

int coroutine_fn ping(int depth, int each)
{
    char text[32];

    snprintf(text, sizeof text, "%d", depth);
    int below = depth ? pong(depth - 1, each) : 0;
    if (depth % each == 0) {
        qemu_coroutine_yield();
    }
    return below + (int)strlen(text);
}

static void coroutine_fn entry(void *arg)
{
    int *out = arg;

    out[0] = ping(10, 3);
    struct pair p = pong_pair(20, 1.5);
    out[1] = (int)p.sum * 10 + (int)(p.half * 2);
    out[2] = (int)sink(100000);
}

/* The backtrace without addresses and folders. */
static void show(void)
{
    static char text[1 << 16];
    FILE *f = fmemopen(text, sizeof text, "w");

    co_dump(f);
    fclose(f);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *at = strstr(line, " at "), *slash = strrchr(line, '/');
        if (at && slash) {
            printf("%.*s %s\n", (int)(at - line), line, slash + 1);
        }
    }
}

int main(void)
{
    int out[3] = { 0 }, enters = 0;
    Coroutine *co = qemu_coroutine_create(entry, out);

    while (!out[2]) {
        qemu_coroutine_enter(co);
        if (enters++ < 4) {
            show();
        }
    }
    printf("%d %d %d after %d\n", out[0], out[1], out[2], enters);
    return 0;
}
