/*
 * echo.c - see echo.h.
 */
#include "echo.h"

#include "fuzz.h"
#include "virtio.h"

struct echo {
    struct virtio_device *dev;
};

static int echo_realize(void *state, struct virtio_device *dev, uint16_t n_queues,
                        const struct virtio_config_values *options, struct virtio_error *error)
{
    (void)n_queues;
    (void)options;
    (void)error;
    ((struct echo *)state)->dev = dev;
    return 0;
}

static void echo_unrealize(void *state)
{
    (void)state;
}

static uint64_t echo_features(void *state)
{
    (void)state;
    return 0;
}

static void echo_get_config(void *state, void *config)
{
    (void)state;
    (void)config;
}

static void coroutine_fn echo_request(void *state, uint16_t queue, struct vq_chain *c)
{
    struct echo *echo = state;
    uint8_t bytes[13], waits;
    bool has_last;

    if (!chain_get(c, &waits, 1)) {
        waits = 0;
    }
    has_last = waits & 1 && chain_reserve_last(c);
    for (unsigned n = 0; n < waits % 8u; n++) {
        co_virtio_sleep(echo->dev, queue, n % 2 ? 0 : 1000);
    }
    for (;;) {
        size_t left = chain_out_left(c), size = left < sizeof bytes ? left : sizeof bytes;

        if (size == 0 || !chain_get(c, bytes, size) || !chain_put(c, bytes, size)) {
            break;
        }
    }
    if (has_last) {
        chain_put_last(c, 7);
    }
}

static bool echo_has_traffic(void *state, uint16_t queue)
{
    (void)state;
    return queue == 1;
}

static void coroutine_fn echo_traffic(void *state, uint16_t queue)
{
    struct virtio_device *dev = ((struct echo *)state)->dev;
    static const uint8_t bytes[64] = "traffic";
    struct vq_chain *chain;

    while ((chain = co_virtio_take(dev, queue))) {
        size_t room = virtio_room(dev, queue);
        uint8_t wish = 0;

        chain_get(chain, &wish, 1);
        if (virtio_n_taken(dev, queue) < wish % 4u) {
            continue;
        }
        virtio_put(dev, queue, bytes, room < sizeof bytes ? room : sizeof bytes);
        virtio_give_back(dev, queue);
        if (wish & 0x80 && !co_virtio_sleep(dev, queue, 1000)) {
            return;
        }
    }
}

static const struct virtio_option echo_options[] = { { NULL, NULL, NULL, false } };

static const struct virtio_class echo_class = {
    .name = "echo",
    .summary = "gives back what it gets",
    .device_id = 42,
    .state_size = sizeof(struct echo),
    .max_queues = 2,
    .queue_size = 256,
    .options = echo_options,
    .realize = echo_realize,
    .unrealize = echo_unrealize,
    .features = echo_features,
    .get_config = echo_get_config,
    .request = echo_request,
    .has_traffic = echo_has_traffic,
    .traffic = echo_traffic,
};

struct virtio_device *echo_device(void)
{
    static const struct virtio_config_values none = { { NULL } };
    struct virtio_error error;
    struct virtio_device *dev = virtio_device_new(&echo_class, "echo", fuzz_ctx, fuzz_memory, 2,
                                                  &none, &error);

    if (!dev) {
        fuzz_fail("%s", error.text);
    }
    return dev;
}
