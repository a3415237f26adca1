/* Calls through annotated pointers: in tables, structs, parameters, returned pointers, typedefs. */
#include "drive.h"

typedef long coroutine_fn Op(int wait, long a, long b);

struct driver {
    const char *name;
    long coroutine_fn (*apply)(int wait, long a, long b);
    int coroutine_fn (*flush)(void *opaque);
};

static long coroutine_fn add(int wait, long a, long b) { long x = later(wait, a); return x + later(wait, b); }
static long coroutine_fn multiply(int wait, long a, long b) { long x = later(wait, a); return x * later(wait, b); }
static long coroutine_fn quick(int wait, long a, long b) { return wait + a - b; }
static int coroutine_fn flush(void *opaque) { return (int)later(*(int *)opaque, 99); }

static Op *const table[] = { add, multiply, quick };

static const struct driver drivers[] = {
    { "sum", add, flush },
    { "product", multiply, flush },
    { "difference", quick, NULL },
};

static Op *pick(int n) { return table[n % 3]; }

static long coroutine_fn twice(Op *op, int wait, long x) { return op(wait, op(wait, x, x), 1); }

static void coroutine_fn all(void *opaque)
{
    int wait = *(int *)opaque;

    for (int n = 0; n < 3; n++) {
        const struct driver *driver = &drivers[n];

        printf(" %s=%ld", driver->name, driver->apply(wait, 6, 7));
        if (driver->flush) {
            printf(" f%d", driver->flush(opaque));
        }
        printf(" %ld", table[n](wait, 1, 2));
        printf(" %ld", pick(n + 1)(wait, 3, 4));
        printf(" %ld", twice(pick(n), wait, 5));
        printf(" %ld", (*(wait ? add : multiply))(wait, 2, 8));
    }
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("pointers", all, &wait);
    }
}
