/*
 * virtio-rng (virtio 1.2, section 5.4): random bytes of the host's kernel, or of a file.
 *
 * A request is room for bytes. How much of it is filled is ours to say, so a request costs no more
 * than RNG_REQUEST_MAX bytes whatever its descriptors claim (they may overlap, and claim 4 GiB), and
 * no memory at all beside one buffer of the device. With a limit of B bytes each P ms, requests wait
 * for the next period when B is used up, and get what is left of it.
 *
 * A source that ends or fails leaves a request empty and says so in the log.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "virtio.h"

#define RNG_REQUEST_MAX (64 * 1024)
#define RNG_CHUNK       4096
#define RNG_RETRY_NS    1000000     /* a source that says it is ready and then is not */
#define RNG_PERIOD_MAX  3600000     /* ms */

struct rng {
    /* Constant after realize. */
    struct virtio_device *dev;
    int fd;                     /* -1: getrandom(2) */
    char *source;               /* as messages call it */
    uint64_t limit;             /* bytes in a period; 0: none */
    int64_t period_ns;
    /* Loop thread. */
    uint64_t left;              /* of the limit, in the period that ends at period_end */
    int64_t period_end;
    struct log_limit complaints;
    uint8_t chunk[RNG_CHUNK];   /* never in use across a suspension */
};

/* Up to size bytes into rng->chunk. Their number; 0 at the end, or -errno. */
static ssize_t rng_read(struct rng *rng, size_t size)
{
    ssize_t n;

    do {
        n = rng->fd < 0 ? getrandom(rng->chunk, size, 0) : read(rng->fd, rng->chunk, size);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static void rng_complain(struct rng *rng, ssize_t result)
{
    uint64_t suppressed;

    if (log_allowed(&rng->complaints, 1, &suppressed)) {
        log_error("rng", "no random bytes from '%s': %s", rng->source,
                  result ? strerror((int)-result) : "it ended");
    }
}

/*
 * Waits until the limit allows some bytes. How many of size may be written now; 0: the queue stops.
 */
static size_t coroutine_fn rng_allowance(struct rng *rng, uint16_t queue, size_t size)
{
    if (rng->limit == 0) {
        return size;
    }
    for (;;) {
        int64_t now = loop_now_ns();

        if (now >= rng->period_end) {
            rng->period_end = now + rng->period_ns;
            rng->left = rng->limit;
        }
        if (rng->left) {
            return size < rng->left ? size : (size_t)rng->left;
        }
        if (!co_virtio_sleep(rng->dev, queue, rng->period_end - now)) {
            return 0;
        }
    }
}

/* Waits until the source may have more. False: it never will, or the queue stops. */
static bool coroutine_fn rng_wait(struct rng *rng, uint16_t queue)
{
    int events = co_virtio_poll(rng->dev, queue, rng->fd, POLLIN, -1);

    if (events == -ECANCELED) {
        return false;
    }
    if (events < 0) {
        rng_complain(rng, events);
        return false;
    }
    return co_virtio_sleep(rng->dev, queue, RNG_RETRY_NS);
}

static void coroutine_fn rng_request(void *state, uint16_t queue, struct vq_chain *chain)
{
    struct rng *rng = state;
    size_t size = chain_in_left(chain);

    if (size > RNG_REQUEST_MAX) {
        size = RNG_REQUEST_MAX;
    }
    size = rng_allowance(rng, queue, size);
    rng->left -= rng->limit ? size : 0;
    while (size) {
        ssize_t n = rng_read(rng, size < RNG_CHUNK ? size : RNG_CHUNK);

        if (n > 0) {
            chain_put(chain, rng->chunk, (size_t)n);
            size -= (size_t)n;
        } else if (n != -EAGAIN) {
            rng_complain(rng, n);
            return;
        } else if (!rng_wait(rng, queue)) {
            return;
        }
    }
}

static uint64_t rng_features(void *state)
{
    (void)state;
    return 0;
}

static void rng_get_config(void *state, void *config)
{
    (void)state;
    (void)config;
}

/* A whole number from 1 to max, or 0. */
static uint64_t rng_number(const char *text, uint64_t max)
{
    char *end;
    unsigned long long n;

    errno = 0;
    n = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && !*end && !errno && n <= max ? n : 0;
}

static int rng_set_limit(struct rng *rng, const char *bytes, const char *period,
                         struct virtio_error *error)
{
    if (!bytes != !period) {
        return virtio_fail(error, -EINVAL, "max-bytes and period belong together");
    }
    if (bytes) {
        rng->limit = rng_number(bytes, INT64_MAX);
        rng->period_ns = (int64_t)rng_number(period, RNG_PERIOD_MAX) * 1000000;
        if (rng->limit == 0) {
            return virtio_fail(error, -EINVAL, "not a possible max-bytes: '%s'", bytes);
        }
        if (rng->period_ns == 0) {
            return virtio_fail(error, -EINVAL, "not a possible period (1 to %d ms): '%s'",
                               RNG_PERIOD_MAX, period);
        }
    }
    return 0;
}

static int rng_realize(void *state, struct virtio_device *dev, uint16_t n_queues,
                       const struct virtio_config_values *options, struct virtio_error *error)
{
    struct rng *rng = state;
    const char *path = options->values[0];
    int r = rng_set_limit(rng, options->values[1], options->values[2], error);

    (void)n_queues;
    if (r) {
        return r;
    }
    rng->dev = dev;
    rng->fd = -1;
    if (path) {
        rng->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (rng->fd < 0) {
            return virtio_fail(error, -errno, "cannot open '%s': %s", path, strerror(errno));
        }
    }
    rng->source = strdup(path ? path : "getrandom");
    if (!rng->source) {
        abort();
    }
    return 0;
}

static void rng_unrealize(void *state)
{
    struct rng *rng = state;

    if (rng->fd >= 0) {
        close(rng->fd);
    }
    free(rng->source);
}

static const struct virtio_option rng_options[] = {
    { "source", "FILE", "where the bytes come from (default: getrandom(2))", false },
    { "max-bytes", "N", "at most so many bytes in a period", false },
    { "period", "MS", "length of a period", false },
    { NULL, NULL, NULL, false },
};

const struct virtio_class rng_class = {
    .name = "rng",
    .summary = "source of random bytes",
    .device_id = 4,
    .state_size = sizeof(struct rng),
    .config_size = 0,
    .max_queues = 1,
    .queue_size = 64,
    .options = rng_options,
    .realize = rng_realize,
    .unrealize = rng_unrealize,
    .features = rng_features,
    .get_config = rng_get_config,
    .request = rng_request,
};
