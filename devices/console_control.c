/*
 * The control queues of virtio-console (virtio 1.2, section 5.3.6.2): ports that come, open, have names
 * and sizes.
 *
 * What the device has to tell the driver is a set of bits per port, not a list of messages, so a
 * driver that asks again and again makes nothing grow.
 */
#include <string.h>

#include "console_impl.h"

enum console_event {
    CONSOLE_DEVICE_READY = 0,
    CONSOLE_PORT_ADD = 1,
    CONSOLE_PORT_READY = 3,
    CONSOLE_CONSOLE_PORT = 4,
    CONSOLE_RESIZE = 5,
    CONSOLE_PORT_OPEN = 6,
    CONSOLE_PORT_NAME = 7,
};

/* What is to be told, in this order. */
static const uint8_t console_order[] = {
    CONSOLE_PORT_ADD, CONSOLE_CONSOLE_PORT, CONSOLE_PORT_NAME, CONSOLE_PORT_OPEN, CONSOLE_RESIZE,
};

struct console_message {
    uint32_t port;
    uint16_t event, value;
};

static uint16_t console_input_queue(const struct console *con, const struct console_port *port)
{
    unsigned number = (unsigned)(port - con->ports);

    return (uint16_t)(number ? 2 * number + 2 : 0);
}

/* ---- what the driver is told ----------------------------------------------------------- */

static void console_tell(struct console *con, struct console_port *port, enum console_event event)
{
    port->to_tell |= 1u << event;
    virtio_wake(con->dev, CONSOLE_CONTROL_INPUT);
}

/* The next port and event to tell. False: none. */
static bool console_next(struct console *con, struct console_message *message)
{
    for (unsigned k = 0; k < sizeof console_order; k++) {
        for (unsigned i = 0; i < con->n_ports; i++) {
            if (con->ports[i].to_tell >> console_order[k] & 1) {
                message->port = i;
                message->event = console_order[k];
                return true;
            }
        }
    }
    return false;
}

/* Puts the message into the chain taken, as things are now. */
static void console_put(struct console *con, struct console_message *message)
{
    struct console_port *port = &con->ports[message->port];
    uint16_t size[2] = { port->columns, port->rows };
    const void *more = NULL;
    size_t length = 0;
    uint64_t suppressed;

    message->value = 1;
    if (message->event == CONSOLE_PORT_OPEN) {
        message->value = char_stream_connected(port->stream);
    } else if (message->event == CONSOLE_PORT_NAME) {
        more = port->name;
        length = strlen(port->name);
    } else if (message->event == CONSOLE_RESIZE) {
        more = size;
        length = sizeof size;
    }
    if (virtio_room(con->dev, CONSOLE_CONTROL_INPUT) >= sizeof *message + length) {
        virtio_put(con->dev, CONSOLE_CONTROL_INPUT, message, sizeof *message);
        virtio_put(con->dev, CONSOLE_CONTROL_INPUT, more, length);
    } else if (log_allowed(&con->complaints, 2, &suppressed)) {
        log_warn("console", "the driver's buffer for control messages is too small");
    }
}

void coroutine_fn console_control_input(struct console *con)
{
    struct console_message message;

    do {
        while (console_next(con, &message)) {
            if (!co_virtio_take(con->dev, CONSOLE_CONTROL_INPUT)) {
                return;
            }
            con->ports[message.port].to_tell &= ~(1u << message.event);
            console_put(con, &message);
            virtio_give_back(con->dev, CONSOLE_CONTROL_INPUT);
        }
    } while (co_virtio_wait(con->dev, CONSOLE_CONTROL_INPUT));
}

void console_look_at_size(struct console *con, struct console_port *port)
{
    uint16_t columns, rows;

    if (!char_stream_size(port->stream, &columns, &rows) ||
        (columns == port->columns && rows == port->rows)) {
        return;
    }
    port->columns = columns;
    port->rows = rows;
    if (port->ready && console_is_console(port)) {
        console_tell(con, port, CONSOLE_RESIZE);
    }
    if (port == con->ports) {
        virtio_config_changed(con->dev);
    }
}

void console_host_changed(struct console *con, struct console_port *port)
{
    port->stuck = false;
    if (port->ready) {
        console_tell(con, port, CONSOLE_PORT_OPEN);
    }
}

/* ---- what the driver tells ----------------------------------------------------------- */

static void console_port_ready(struct console *con, struct console_port *port)
{
    console_look_at_size(con, port);
    port->ready = true;
    if (console_is_console(port)) {
        console_tell(con, port, CONSOLE_CONSOLE_PORT);
        if (port->columns) {
            console_tell(con, port, CONSOLE_RESIZE);
        }
    } else {
        console_tell(con, port, CONSOLE_PORT_NAME);
    }
    console_tell(con, port, CONSOLE_PORT_OPEN);
}

static void console_message(struct console *con, const struct console_message *message)
{
    struct console_port *port = &con->ports[message->port < con->n_ports ? message->port : 0];
    uint64_t suppressed;

    if (message->event == CONSOLE_DEVICE_READY && message->value == 1) {
        for (unsigned i = 0; i < con->n_ports; i++) {
            console_tell(con, &con->ports[i], CONSOLE_PORT_ADD);
        }
    } else if (message->port >= con->n_ports || message->event > CONSOLE_PORT_NAME ||
               message->value > 1 || message->event == CONSOLE_DEVICE_READY) {
        if (log_allowed(&con->complaints, 2, &suppressed)) {
            log_warn("console", "the driver says %u of event %u on port %u", message->value,
                     message->event, message->port);
        }
    } else if (message->event == CONSOLE_PORT_READY && message->value == 1) {
        console_port_ready(con, port);
    } else if (message->event == CONSOLE_PORT_OPEN) {
        port->guest_open = message->value;
        virtio_wake(con->dev, console_input_queue(con, port));
    }
}

void console_control_output(struct console *con, struct vq_chain *chain)
{
    struct console_message message;

    if (chain_get(chain, &message, sizeof message)) {
        console_message(con, &message);
    }
}
