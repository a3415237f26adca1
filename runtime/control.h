/*
 * control.h - a UNIX socket on which other programs command the VMM.
 *
 * A request is one line with one JSON object, {"command": NAME, ...}; the answer is one line:
 * {"ok": true, ...} or {"ok": false, "error": SENTENCE}. Requests of a client are answered in their
 * order. Only the user who runs the VMM may connect.
 *
 * Clients may be hostile as far as they can be without harm to others: a line is at most
 * CONTROL_LINE_MAX bytes, there are at most CONTROL_CLIENTS clients, and one that does not read its
 * answers is dropped.
 *
 * Threads: the loop thread.
 */
#ifndef CPC_CONTROL_H
#define CPC_CONTROL_H

#include <jansson.h>

#include "loop.h"

enum {
    CONTROL_LINE_MAX = 4096,
    CONTROL_CLIENTS = 8,
};

/*
 * Answers `command`; `request` is the whole object, borrowed. Returns a new object, which becomes
 * the answer with "ok": true added; or NULL with *error set to a sentence (of static storage).
 */
typedef json_t *control_command(void *opaque, const char *command, const json_t *request,
                                const char **error);

struct control;

/*
 * Listens at `path`. A socket that nobody listens on any more is replaced. NULL, logged, when that
 * fails.
 */
struct control *control_new(AioContext *ctx, const char *path, control_command *command,
                            void *opaque);

/*
 * Drops all clients. The socket's file stays when the sandbox forbids to remove it. NULL: nothing.
 */
void control_free(struct control *control);

#endif
