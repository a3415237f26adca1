/* Handlers of file descriptors: a one-shot poll that is submitted again after every call, which makes
 * them level-triggered with either back end.
 *
 * A removed handler stays in the list until its poll, which is cancelled, is done. */
#include "loop_impl.h"

#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct watch {
    struct watch *next;
    struct loop_io io;
    AioContext *ctx;
    AioCallback *on_read; /* NULL: removed, freed when the poll is done */
    void *opaque;
    bool armed; /* the poll is with the back end */
};

static void forget_watch(struct watch *watch)
{
    struct watch **link = &watch->ctx->watches;

    while (*link != watch) {
        link = &(*link)->next;
    }
    *link = watch->next;
    free(watch);
}

static void arm(struct watch *watch)
{
    watch->armed = true;
    loop_submit(watch->ctx, &watch->io);
}

static void watch_done(struct loop_io *io)
{
    struct watch *watch = io->opaque;

    watch->armed = false;
    if (watch->on_read && io->result != -ECANCELED) {
        if (io->result < 0) {
            log_error("loop", "polling file descriptor %d: %s", io->fd, strerror(-io->result));
            watch->on_read = NULL;
        } else {
            watch->on_read(watch->opaque);
        }
    }
    if (watch->on_read) {
        arm(watch);
    } else {
        forget_watch(watch);
    }
}

static struct watch *find_watch(AioContext *ctx, int fd)
{
    struct watch *watch = ctx->watches;

    while (watch && (watch->io.fd != fd || !watch->on_read)) {
        watch = watch->next;
    }
    return watch;
}

int aio_set_fd_handler(AioContext *ctx, int fd, AioCallback *on_read, void *opaque)
{
    struct watch *watch = find_watch(ctx, fd);

    if (watch && on_read) {
        watch->on_read = on_read;
        watch->opaque = opaque;
    } else if (watch) {
        watch->on_read = NULL;
        if (watch->armed) { /* otherwise its own handler is running, and watch_done looks again */
            ctx->backend->cancel_poll(ctx, &watch->io);
        }
    } else if (on_read) {
        watch = malloc(sizeof *watch);
        if (!watch) {
            return -ENOMEM;
        }
        *watch = (struct watch){
            .next = ctx->watches, .ctx = ctx, .on_read = on_read, .opaque = opaque
        };
        watch->io = (struct loop_io){
            .done = watch_done, .opaque = watch, .fd = fd, .op = LOOP_POLL, .arg = POLLIN
        };
        ctx->watches = watch;
        arm(watch);
    }
    return 0;
}

void loop_forget_watches(AioContext *ctx)
{
    while (ctx->watches) {
        forget_watch(ctx->watches);
    }
}
