/*
 * virtio-console (virtio 1.2, section 5.3): ports that are connected to streams of the host's.
 *
 * Port 0 is a console, and so is every other port without a name (hvc0, hvc1 ... in Linux); a port
 * with a name is a plain channel (/dev/vport0pN, /dev/virtio-ports/NAME). Without F_MULTIPORT there is
 * port 0 alone, and it is always open.
 *
 * Input is read only when there is a buffer for it, and stays with the host until then. Output has to
 * wait for a slow reader of a channel; a console gives up after a second, because its driver spins
 * until the output is taken, and loses what is written until somebody reads again. Output without a
 * client is lost as well.
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "console_impl.h"

#define CONSOLE_PATIENCE_NS 1000000000
#define CONSOLE_BURST       16      /* chunks of one chain before others get their turn */

struct console_config {
    uint16_t columns, rows;
    uint32_t max_ports;
    uint32_t emergency_write;
};

static bool console_guest_open(const struct console *con, const struct console_port *port)
{
    return port->guest_open || !console_multiport(con);
}

/* The port that a queue of traffic belongs to; NULL: the control queues, or none. */
static struct console_port *console_port_of(struct console *con, uint16_t queue)
{
    unsigned number = queue < 2 ? 0 : queue / 2u - 1;

    if (queue == CONSOLE_CONTROL_INPUT || queue == CONSOLE_CONTROL_OUTPUT ||
        (number && !console_multiport(con))) {
        return NULL;
    }
    return &con->ports[number];
}

static void coroutine_fn console_request(void *state, uint16_t queue, struct vq_chain *c)
{
    if (queue == CONSOLE_CONTROL_OUTPUT && console_multiport(state)) {
        console_control_output(state, c);
    }
}

/* ---- ports ----------------------------------------------------------- */

static void console_resized(void *opaque)
{
    struct console *con = opaque;

    for (unsigned i = 0; i < con->n_ports; i++) {
        char info[128];         /* a struct signalfd_siginfo; that there is one says all */
        int fd = char_stream_resize_fd(con->ports[i].stream);

        while (fd >= 0 && read(fd, info, sizeof info) > 0) {
            console_look_at_size(con, &con->ports[i]);
        }
    }
}

/* Waits until the port's stream has something for a driver that wants it. False: the queue stops. */
static bool coroutine_fn console_wait_for_input(struct console *con, struct console_port *port,
                                                uint16_t queue)
{
    for (;;) {
        bool connected = char_stream_connected(port->stream);
        int fd = char_stream_input_fd(port->stream);
        int events;

        if (fd < 0 || (connected && !console_guest_open(con, port))) {
            if (!co_virtio_wait(con->dev, queue)) {
                return false;
            }
            continue;
        }
        events = co_virtio_poll(con->dev, queue, fd, POLLIN, -1);
        if (events == -ECANCELED) {
            return false;
        }
        if (events && connected) {
            return true;
        }
        if (events && char_stream_accept(port->stream)) {
            console_host_changed(con, port);
        }
    }
}

/* What has come, as far as the chain has room: as char_stream_read. */
static ssize_t console_read(struct console_port *port, struct vq_chain *chain)
{
    uint8_t bytes[CONSOLE_CHUNK];   /* not in the coroutine, whose frame it would be a part of */
    size_t room = chain_in_left(chain);
    ssize_t n = char_stream_read(port->stream, bytes, room < sizeof bytes ? room : sizeof bytes);

    if (n > 0) {
        chain_put(chain, bytes, (size_t)n);
    }
    return n;
}

static void coroutine_fn console_input(struct console *con, struct console_port *port,
                                       uint16_t queue)
{
    struct vq_chain *chain = NULL;

    while (console_wait_for_input(con, port, queue)) {
        ssize_t n;

        if (!chain && !(chain = co_virtio_take(con->dev, queue))) {
            return;
        }
        if (chain_in_left(chain) == 0) {
            virtio_give_back(con->dev, queue);
            chain = NULL;
            continue;
        }
        n = console_read(port, chain);
        if (n > 0) {
            virtio_give_back(con->dev, queue);
            chain = NULL;
            console_look_at_size(con, port);
        } else if (n == 0) {
            console_host_changed(con, port);
        }
    }
}

/* Writes the first size bytes of port->output. False: the queue stops. */
static bool coroutine_fn console_write(struct console *con, struct console_port *port,
                                       uint16_t queue, size_t size)
{
    int64_t patience = console_is_console(port) ? CONSOLE_PATIENCE_NS : -1;
    size_t done = 0;

    while (done < size) {
        ssize_t n = char_stream_write(port->stream, port->output + done, size - done);
        int events;

        if (n >= 0) {
            done += (size_t)n;
            port->stuck = false;
            continue;
        }
        if (n != -EAGAIN || port->stuck) {
            return true;
        }
        events = co_virtio_poll(con->dev, queue, char_stream_output_fd(port->stream), POLLOUT,
                                patience);
        if (events == -ECANCELED) {
            return false;
        }
        if (events == 0) {
            port->stuck = true;
            log_warn("console", "nobody reads port %u: its output is lost until somebody does",
                     (unsigned)(port - con->ports));
        }
    }
    return true;
}

static void coroutine_fn console_output(struct console *con, struct console_port *port,
                                        uint16_t queue)
{
    struct vq_chain *chain;

    while ((chain = co_virtio_take(con->dev, queue))) {
        unsigned chunks = 0;
        size_t size;

        while ((size = chain_out_left(chain))) {
            size = size < sizeof port->output ? size : sizeof port->output;
            chain_get(chain, port->output, size);
            if (!console_write(con, port, queue, size) ||
                (++chunks % CONSOLE_BURST == 0 && !co_virtio_sleep(con->dev, queue, 0))) {
                return;
            }
        }
        virtio_give_back(con->dev, queue);
    }
}

static bool console_has_traffic(void *state, uint16_t queue)
{
    return console_port_of(state, queue) != NULL ||
           (queue == CONSOLE_CONTROL_INPUT && console_multiport(state));
}

static void coroutine_fn console_traffic(void *state, uint16_t queue)
{
    struct console *con = state;

    if (queue == CONSOLE_CONTROL_INPUT) {
        console_control_input(con);
    } else if (queue % 2) {
        console_output(con, console_port_of(con, queue), queue);
    } else {
        console_input(con, console_port_of(con, queue), queue);
    }
}

/* ---- features and configuration ----------------------------------------------------------- */

static uint64_t console_features(void *state)
{
    const struct console *con = state;
    uint16_t columns, rows;
    uint64_t size = char_stream_size(con->ports[0].stream, &columns, &rows);

    return size << CONSOLE_F_SIZE | 1u << CONSOLE_F_MULTIPORT | 1u << CONSOLE_F_EMERG_WRITE;
}

static void console_get_config(void *state, void *config)
{
    const struct console *con = state;
    struct console_config *c = config;

    c->columns = con->ports[0].columns;
    c->rows = con->ports[0].rows;
    c->max_ports = con->n_ports;
}

/* A character for port 0, whatever state the driver is in. It reads back as 0. */
static void console_set_config(void *state, const void *config)
{
    const struct console *con = state;
    char byte = (char)((const struct console_config *)config)->emergency_write;
    ssize_t lost = byte ? char_stream_write(con->ports[0].stream, &byte, 1) : 0;

    (void)lost;                 /* nobody could be told */
}

static void console_reset(void *state)
{
    struct console *con = state;

    for (unsigned i = 0; i < con->n_ports; i++) {
        con->ports[i].ready = con->ports[i].guest_open = false;
        con->ports[i].to_tell = 0;
    }
}

/* The option's "NAME=STREAM" or "STREAM". */
static int console_open_port(struct console_port *port, const char *text,
                             struct virtio_error *error)
{
    size_t name = strcspn(text, "=:/");

    if (text[name] != '=') {
        return char_stream_open(&port->stream, text, error);
    }
    if (name == 0 || name >= sizeof port->name) {
        return virtio_fail(error, -EINVAL, "a port's name has 1 to %zu characters: '%s'",
                           sizeof port->name - 1, text);
    }
    memcpy(port->name, text, name);
    return char_stream_open(&port->stream, text + name + 1, error);
}

static void console_unrealize(void *state)
{
    struct console *con = state;

    for (unsigned i = 0; i < con->n_ports; i++) {
        int fd = char_stream_resize_fd(con->ports[i].stream);

        if (fd >= 0) {
            aio_set_fd_handler(virtio_context(con->dev), fd, NULL, NULL);
        }
        char_stream_close(con->ports[i].stream);
    }
}

static int console_realize(void *state, struct virtio_device *dev, uint16_t n_queues,
                           const struct virtio_config_values *options, struct virtio_error *error)
{
    struct console *con = state;

    (void)n_queues;
    con->dev = dev;
    for (unsigned i = 0; i < CONSOLE_PORTS_MAX && options->values[i]; i++) {
        struct console_port *port = &con->ports[i];
        int r = console_open_port(port, options->values[i], error);

        if (r == 0 && i == 0 && !console_is_console(port)) {
            char_stream_close(port->stream);
            r = virtio_fail(error, -EINVAL, "port 0 is a console and has no name");
        }
        if (r) {
            console_unrealize(con);
            return r;
        }
        con->n_ports++;
        char_stream_size(port->stream, &port->columns, &port->rows);
        if (char_stream_resize_fd(port->stream) >= 0) {
            aio_set_fd_handler(virtio_context(dev), char_stream_resize_fd(port->stream),
                               console_resized, con);
        }
    }
    for (unsigned i = con->n_ports; i < CONSOLE_PORTS_MAX; i++) {
        if (options->values[i]) {
            console_unrealize(con);
            return virtio_fail(error, -EINVAL, "port%u without a port%u", i, i - 1);
        }
    }
    return 0;
}

/* Two of each port, and two for control. */
static uint16_t console_n_virtqueues(uint16_t queues, const struct virtio_config_values *options)
{
    uint16_t n = 0;

    (void)queues;
    while (n < CONSOLE_PORTS_MAX && options->values[n]) {
        n++;
    }
    return (uint16_t)(2 * n + 2);
}

#define CONSOLE_MORE "another port, as [NAME=]STREAM: a console, or with a name a channel"

static const struct virtio_option console_options[] = {
    { "port0", "STREAM", "stdio, pty[:LINK], tty:PATH, unix:PATH, file:PATH or fd:N", true },
    { "port1", "PORT", CONSOLE_MORE, false },
    { "port2", "PORT", CONSOLE_MORE, false },
    { "port3", "PORT", CONSOLE_MORE, false },
    { "port4", "PORT", CONSOLE_MORE, false },
    { "port5", "PORT", CONSOLE_MORE, false },
    { "port6", "PORT", CONSOLE_MORE, false },
    { "port7", "PORT", CONSOLE_MORE, false },
    { NULL, NULL, NULL, false },
};

const struct virtio_class console_class = {
    .name = "console",
    .summary = "console and channels on terminals, sockets and files",
    .device_id = 3,
    .state_size = sizeof(struct console),
    .config_size = sizeof(struct console_config),
    .max_queues = 1,
    .queue_size = 256,
    .options = console_options,
    .n_virtqueues = console_n_virtqueues,
    .realize = console_realize,
    .unrealize = console_unrealize,
    .features = console_features,
    .get_config = console_get_config,
    .set_config = console_set_config,
    .request = console_request,
    .has_traffic = console_has_traffic,
    .traffic = console_traffic,
    .reset = console_reset,
};
