/* The other half of ping.c. */
#include <co.h>
#include <string.h>

int coroutine_fn ping(int depth, int each);
struct pair {
    long sum;
    double half;
};

long coroutine_fn sink(int depth);

long coroutine_fn rise(int depth)
{
    qemu_coroutine_yield();
    return depth ? sink(depth - 1) + 2 : 0;
}

int coroutine_fn pong(int depth, int each)
{
    long values[3] = { depth, each, 7 };
    int below = depth ? ping(depth - 1, each) : 0;

    if (depth % each == 0) {
        qemu_coroutine_yield();
    }
    return below + (int)(values[0] % 5 + values[2]);
}

struct pair coroutine_fn pong_pair(long a, double b)
{
    struct pair p = { a, b };

    qemu_coroutine_yield();
    p.sum += 2;
    p.half *= 3;
    return p;
}
