/*
 * char_stream.h - a stream of bytes on the host: what a port of a guest's console is connected to.
 *
 * | text         | is                                                                          |
 * |--------------|-----------------------------------------------------------------------------|
 * | stdio        | our standard input and output; for one stream at a time                     |
 * | pty[:LINK]   | a new pseudo-terminal; the log says its path, and LINK becomes a link to it |
 * | tty:PATH     | a terminal or a serial line                                                 |
 * | unix:PATH    | a listening socket: one client after the other                              |
 * | file:PATH    | a file that is appended to; nothing comes from it                           |
 * | fd:N         | an inherited descriptor: socket, pipe, terminal                             |
 *
 * A terminal is raw while it is open, and put back at the end, whichever way the process exits. On
 * stdio Ctrl-A x then asks for that end (SIGTERM), and Ctrl-A Ctrl-A sends one Ctrl-A.
 *
 * Nothing here suspends: what cannot be done now is -EAGAIN, and the caller waits for the descriptor.
 * Threads: the loop thread.
 */
#ifndef CPC_CHAR_STREAM_H
#define CPC_CHAR_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "virtio.h"

struct char_stream;

/* 0, or -errno with the error's text. */
int char_stream_open(struct char_stream **stream, const char *text, struct virtio_error *error);
void char_stream_close(struct char_stream *stream);

/* Whether a stream has our standard input, which nobody else is to read then. */
bool char_stream_has_stdin(void);

/* False: a listening socket without a client. */
bool char_stream_connected(const struct char_stream *stream);

/*
 * What to poll for input (of a listening socket without a client: for the client), -1 when none will
 * ever come; and for room for output.
 */
int char_stream_input_fd(const struct char_stream *stream);
int char_stream_output_fd(const struct char_stream *stream);

/* Takes a client that waits. True: it is connected now. */
bool char_stream_accept(struct char_stream *stream);

/* Bytes that have come: their number, -EAGAIN, 0: the client is gone, or the input has ended. */
ssize_t char_stream_read(struct char_stream *stream, void *data, size_t size);

/* How many bytes were taken; -EAGAIN; other -errno: they cannot be, -ENOTCONN without a client. */
ssize_t char_stream_write(struct char_stream *stream, const void *data, size_t size);

/* Columns and rows of a terminal. False: it is none, or does not know. */
bool char_stream_size(const struct char_stream *stream, uint16_t *columns, uint16_t *rows);

/* Readable when our own terminal's size has changed; then char_stream_size says it. -1: never. */
int char_stream_resize_fd(const struct char_stream *stream);

#endif
