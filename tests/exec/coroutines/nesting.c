/* Coroutines that create and enter others, hand values over, and end while others are suspended. */
#include "drive.h"

struct channel {
    Coroutine *consumer;
    int value, closed;
};

static void coroutine_fn consume(void *opaque)
{
    struct channel *channel = opaque;
    int sum = 0;

    while (!channel->closed) {
        sum += channel->value;
        printf(" got %d", channel->value);
        qemu_coroutine_yield();
    }
    printf(" sum %d", sum);
}

static void coroutine_fn produce(void *opaque)
{
    struct channel channel = { .value = 0 };

    channel.consumer = qemu_coroutine_create(consume, &channel);
    for (int i = 1; i <= 4; i++) {
        channel.value = i * i;
        qemu_coroutine_enter(channel.consumer);
        later(*(int *)opaque, i);
    }
    channel.closed = 1;
    qemu_coroutine_enter(channel.consumer);
}

static void coroutine_fn tree(void *opaque)
{
    int depth = *(int *)opaque, child = depth - 1;

    printf(" (%d", depth);
    if (depth > 0) {
        Coroutine *left = qemu_coroutine_create(tree, &child);
        Coroutine *right = qemu_coroutine_create(tree, &child);

        qemu_coroutine_enter(left);
        qemu_coroutine_enter(right);
        qemu_coroutine_enter(left);
        qemu_coroutine_enter(right);
    }
    qemu_coroutine_yield();
    printf(" %d)", depth);
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("channel", produce, &wait);
    }
    int depth = 3;
    drive("tree", tree, &depth);
}
