/*
 * control.c - see control.h.
 */
#include "control.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

struct client {
    struct control *control;
    int fd;                             /* -1: the place is free */
    size_t used;
    char line[CONTROL_LINE_MAX];        /* what came of the next line */
};

struct control {
    AioContext *ctx;
    int fd;
    struct sockaddr_un address;
    control_command *command;
    void *opaque;
    struct client client[CONTROL_CLIENTS];
};

static void drop(struct client *c)
{
    if (c->fd < 0)
        return;
    aio_set_fd_handler(c->control->ctx, c->fd, NULL, NULL);
    close(c->fd);
    c->fd = -1;
}

/* Sends one line, or drops the client that has no room for it. Takes `answer` over. */
static void send_line(struct client *c, json_t *answer)
{
    char *text = answer != NULL ? json_dumps(answer, JSON_COMPACT) : NULL;
    size_t size = text != NULL ? strlen(text) : 0;
    bool sent = false;

    if (text != NULL) {
        text[size++] = '\n';            /* in the place of the final zero */
        sent = send(c->fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
    }
    free(text);
    json_decref(answer);
    if (!sent)
        drop(c);
}

static json_t *failure(const char *error)
{
    return json_pack("{s:b, s:s}", "ok", 0, "error", error);
}

static json_t *answer(struct client *c, const char *line, size_t size)
{
    json_t *request = json_loadb(line, size, 0, NULL), *result = NULL;
    const char *command = json_string_value(json_object_get(request, "command"));
    const char *error = "there is no such command";

    if (command == NULL)
        error = "a request is one line with an object: {\"command\": NAME}";
    else
        result = c->control->command(c->control->opaque, command, request, &error);
    json_decref(request);
    if (result == NULL)
        return failure(error);
    json_object_set_new(result, "ok", json_true());
    return result;
}

/* Answers the complete lines among what has come, and keeps the rest. */
static void answer_lines(struct client *c)
{
    size_t start = 0;
    char *end;

    while (c->fd >= 0 && (end = memchr(c->line + start, '\n', c->used - start)) != NULL) {
        size_t size = (size_t)(end - (c->line + start));

        send_line(c, answer(c, c->line + start, size));
        start += size + 1;
    }
    c->used -= start;
    memmove(c->line, c->line + start, c->used);
    if (c->fd >= 0 && c->used == sizeof c->line) {
        send_line(c, failure("the line is too long"));
        drop(c);
    }
}

static void on_request(void *opaque)
{
    struct client *c = opaque;
    ssize_t n = recv(c->fd, c->line + c->used, sizeof c->line - c->used, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop(c);
        return;
    }
    c->used += (size_t)n;
    answer_lines(c);
}

static void on_connect(void *opaque)
{
    struct control *control = opaque;
    int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    for (unsigned i = 0; fd >= 0 && i < CONTROL_CLIENTS; i++) {
        struct client *c = &control->client[i];

        if (c->fd >= 0)
            continue;
        c->used = 0;
        if (aio_set_fd_handler(control->ctx, fd, on_request, c) < 0)
            break;
        c->fd = fd;
        return;
    }
    if (fd >= 0)
        close(fd);                      /* no place is free */
}

/* True when a socket file is there but nobody behind it. */
static bool is_stale(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool stale = fd >= 0
                 && connect(fd, (const struct sockaddr *)address, sizeof *address) < 0
                 && errno == ECONNREFUSED;

    if (fd >= 0)
        close(fd);
    return stale;
}

static int bind_socket(struct control *control)
{
    const struct sockaddr *address = (const struct sockaddr *)&control->address;
    mode_t mask = umask(0177);
    int r = bind(control->fd, address, sizeof control->address);

    if (r < 0 && errno == EADDRINUSE && is_stale(&control->address)
        && unlink(control->address.sun_path) == 0)
        r = bind(control->fd, address, sizeof control->address);
    umask(mask);
    return r;
}

static int open_socket(struct control *control, const char *path)
{
    control->address.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof control->address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(control->address.sun_path, path);
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control->fd < 0 || bind_socket(control) < 0 || listen(control->fd, CONTROL_CLIENTS) < 0)
        return -1;
    return aio_set_fd_handler(control->ctx, control->fd, on_connect, control);
}

struct control *control_new(AioContext *ctx, const char *path, control_command *command,
                            void *opaque)
{
    struct control *control = calloc(1, sizeof *control);

    if (control == NULL)
        return NULL;
    control->ctx = ctx;
    control->fd = -1;
    control->command = command;
    control->opaque = opaque;
    for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
        control->client[i] = (struct client){.control = control, .fd = -1};
    if (open_socket(control, path) == 0)
        return control;
    log_error("vmm", "cannot listen at '%s': %s", path, strerror(errno));
    if (control->fd >= 0)
        close(control->fd);
    free(control);
    return NULL;
}

void control_free(struct control *control)
{
    if (control == NULL)
        return;
    for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
        drop(&control->client[i]);
    aio_set_fd_handler(control->ctx, control->fd, NULL, NULL);
    close(control->fd);
    unlink(control->address.sun_path);
    free(control);
}
