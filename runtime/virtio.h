/*
 * What a device sees: its table (struct virtio_class) and the chains it works on.
 *
 * A device is straight-line coroutine C. The runtime starts one coroutine per request, calls
 * class->request in it and gives the chain back to the driver when that returns, so a request can
 * be neither lost nor completed twice. As many requests are in flight as the ring holds.
 *
 * A queue may also have traffic of the device's own, in both directions: packets and keys that arrive
 * when they like, output whose order matters. Then one coroutine, class->traffic, works on it from its
 * start to its stop. It takes chains when it wants them (co_virtio_take) and gives back all that it
 * has taken at once (virtio_give_back); the runtime keeps them meanwhile and gives back what is left
 * when the coroutine ends, so that none is lost there either. Whatever it waits for, it waits with
 * the calls below, which a stop of the queue ends.
 *
 * A device keeps no pointer into guest memory: chain_get copies what the driver sent, chain_put
 * copies what it is to get, and files are read into and written from the chain by co_chain_pread
 * and co_chain_pwrite. All of them move on through the chain and check every length.
 *
 * Every callback runs in the loop thread. State of a device changes only there.
 */
#ifndef VIRTIO_H
#define VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <block/aio.h>

struct vq_chain;
struct virtio_device;

/* An option of a device as the command line spells it: --name or --name VALUE. */
struct virtio_option {
    const char *name;
    const char *metavar;            /* NULL: a switch without a value */
    const char *help;
    bool required;
};

#define VIRTIO_OPTIONS_MAX 16

/* The options given: values[i] belongs to class->options[i]; NULL when it was not given. */
struct virtio_config_values {
    const char *values[VIRTIO_OPTIONS_MAX];
};

/* Where realize says in one sentence what is wrong. */
struct virtio_error {
    char text[512];
};

struct virtio_class {
    const char *name;               /* "blk" */
    const char *summary;            /* one line of help */
    uint32_t device_id;             /* virtio 1.2, section 5 */
    size_t state_size;              /* zeroed before realize */
    size_t config_size;             /* bytes of the configuration space, at most 256 */
    uint16_t max_queues;
    uint16_t default_queues;        /* when nobody says how many; 0: 1 */
    uint16_t queue_size;            /* largest ring, a power of two */
    const struct virtio_option *options;    /* ends with a name of NULL; VIRTIO_OPTIONS_MAX */

    /* How many virtqueues that makes, of `queues` as the user counts them. NULL: as many. */
    uint16_t (*n_virtqueues)(uint16_t queues, const struct virtio_config_values *options);
    /* Opens what the options name for n_queues queues. 0 or -errno with the error's text. */
    int (*realize)(void *state, struct virtio_device *dev, uint16_t n_queues,
                   const struct virtio_config_values *options, struct virtio_error *error);
    void (*unrealize)(void *state);
    /* Feature bits of the device type (0-23 and 50 up) that are offered. */
    uint64_t (*features)(void *state);
    /* Fills the config_size bytes at config, which are zero. */
    void (*get_config)(void *state, void *config);
    /* The driver wrote bytes: config is the whole space after it. NULL: nothing is writable. */
    void (*set_config)(void *state, const void *config);
    /* One request, in a coroutine of its own. NULL: every queue has traffic. Suspends. */
    void coroutine_fn (*request)(void *state, uint16_t queue, struct vq_chain *chain);
    /* Which queues have traffic with these features, asked when one starts. NULL: none, or all. */
    bool (*has_traffic)(void *state, uint16_t queue);
    /* The coroutine of such a queue. Returns soon after a wait said that the queue stops. Suspends. */
    void coroutine_fn (*traffic)(void *state, uint16_t queue);
    /* The driver agreed on features. May be NULL. */
    void (*negotiated)(void *state, uint64_t features);
    /* Back to the state after realize; no request is in flight, no traffic runs. May be NULL. */
    void (*reset)(void *state);
};

/* Stores the error's text (printf-like) and returns code. */
int virtio_fail(struct virtio_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Tells the driver that the configuration space changed. */
void virtio_config_changed(struct virtio_device *dev);

/* The loop that the device lives in. */
AioContext *virtio_context(const struct virtio_device *dev);

/* True when the driver accepted the feature bit. */
bool virtio_has_feature(const struct virtio_device *dev, unsigned bit);

/* ---- waiting; for a request too, which may take long. "Stops": the queue stops, or is broken ---- */

/*
 * Waits for poll(2) events of fd, for at most timeout_ns (negative: no limit). The events, 0 after
 * the timeout or virtio_wake, -ECANCELED: the queue stops, return soon; other -errno. Suspends.
 */
int coroutine_fn co_virtio_poll(struct virtio_device *dev, uint16_t queue, int fd, int events,
                                int64_t timeout_ns);

/* Sleeps; virtio_wake ends it early. False: the queue stops. Suspends. */
bool coroutine_fn co_virtio_sleep(struct virtio_device *dev, uint16_t queue, int64_t ns);

/* Waits for virtio_wake, unless it was called since the last wait. False: it stops. Suspends. */
bool coroutine_fn co_virtio_wait(struct virtio_device *dev, uint16_t queue);

/* Ends every wait on the queue: what was waited for has to be looked at again. */
void virtio_wake(struct virtio_device *dev, uint16_t queue);

/* ---- chains of queues with traffic ---- */

/*
 * Takes the next chain, waiting until the driver has offered one (virtio_wake does not end that). It
 * belongs to the caller until virtio_give_back. NULL: the queue stops. Suspends.
 */
struct vq_chain *coroutine_fn co_virtio_take(struct virtio_device *dev, uint16_t queue);

/* How many chains are taken, and how many bytes can still be written to them. */
unsigned virtio_n_taken(const struct virtio_device *dev, uint16_t queue);
size_t virtio_room(const struct virtio_device *dev, uint16_t queue);

/* Copies size bytes onward into the chains taken. False, and nothing written: too little room. */
bool virtio_put(struct virtio_device *dev, uint16_t queue, const void *data, size_t size);

/* Gives all chains that are taken to the driver, which sees them at once. */
void virtio_give_back(struct virtio_device *dev, uint16_t queue);

/* ---- chains ---- */

/* Bytes the driver sent that have not been read yet. */
size_t chain_out_left(const struct vq_chain *chain);

/* Bytes the driver can take that have not been written yet (a reserved last byte not counted). */
size_t chain_in_left(const struct vq_chain *chain);

/* Copies the next size bytes of the driver's to data. False, and nothing read: there are fewer. */
bool chain_get(struct vq_chain *chain, void *data, size_t size);

/* The same without a copy. */
bool chain_skip(struct vq_chain *chain, size_t size);

/* Copies size bytes to the driver. False, and nothing written: there is not that much room. */
bool chain_put(struct vq_chain *chain, const void *data, size_t size);

/* Sets the last writable byte aside for chain_put_last. False: the driver left no room at all. */
bool chain_reserve_last(struct vq_chain *chain);

/* Writes the reserved byte: a status. The whole writable part counts as used then. */
void chain_put_last(struct vq_chain *chain, uint8_t value);

/*
 * Reads the file from offset until no room is left in the chain. 0 or -errno; -EIO when the file
 * ends before. Suspends.
 */
int coroutine_fn co_chain_pread(struct vq_chain *chain, int fd, uint64_t offset);

/* Writes all that is left of what the driver sent to the file at offset. 0 or -errno. Suspends. */
int coroutine_fn co_chain_pwrite(struct vq_chain *chain, int fd, uint64_t offset);

#endif
