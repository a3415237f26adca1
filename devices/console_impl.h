/*
 * What console.c (the class, the ports' bytes) and console_control.c (what device and driver tell each
 * other about ports) share. Nobody else includes this.
 */
#ifndef CONSOLE_IMPL_H
#define CONSOLE_IMPL_H

#include "char_stream.h"
#include "log.h"
#include "virtio.h"

enum console_feature { CONSOLE_F_SIZE = 0, CONSOLE_F_MULTIPORT = 1, CONSOLE_F_EMERG_WRITE = 2 };

enum console_queue { CONSOLE_CONTROL_INPUT = 2, CONSOLE_CONTROL_OUTPUT = 3 };

#define CONSOLE_PORTS_MAX  8
#define CONSOLE_NAME_MAX   64
#define CONSOLE_CHUNK      4096

struct console_port {
    /* Constant after realize. */
    struct char_stream *stream;
    char name[CONSOLE_NAME_MAX];    /* empty: a console */
    /* Loop thread. */
    bool ready;                 /* the driver has it */
    bool guest_open;
    uint16_t columns, rows;
    unsigned to_tell;           /* bits of events */
    bool stuck;                 /* nobody reads: output is lost */
    uint8_t output[CONSOLE_CHUNK];
};

struct console {
    /* Constant after realize. */
    struct virtio_device *dev;
    unsigned n_ports;
    /* Loop thread. */
    struct log_limit complaints;
    struct console_port ports[CONSOLE_PORTS_MAX];
};

static inline bool console_multiport(const struct console *con)
{
    return virtio_has_feature(con->dev, CONSOLE_F_MULTIPORT);
}

static inline bool console_is_console(const struct console_port *port)
{
    return port->name[0] == '\0';
}

/* ---- console_control.c ---- */

/* The coroutine of the queue for what the driver is told. Suspends. */
void coroutine_fn console_control_input(struct console *con);

/* A chain of the queue for what the driver tells. */
void console_control_output(struct console *con, struct vq_chain *chain);

/* The terminal may have another size now; a console's driver wants to know. */
void console_look_at_size(struct console *con, struct console_port *port);

/* A client came or went: the driver is told. */
void console_host_changed(struct console *con, struct console_port *port);

#endif
