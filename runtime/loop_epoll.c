/* The back end without io_uring: polls by epoll, file I/O by threads that block.
 *
 * Polls are one-shot.  epoll knows one registration per descriptor, so a table by descriptor
 * holds the polls of each, and the registration asks for the union of their events. Files: a
 * request goes to a queue, at most MAX_WORKERS threads serve it, started when no one is idle.
 * What is finished is pushed to a list that the home thread takes at its turn. */
#include "loop_impl.h"

#include "co.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MAX_WORKERS 16
#define EVENTS_PER_TURN 64

struct fd_polls {
    struct loop_io *first; /* submitted polls, linked by next */
    bool known;            /* to epoll */
};

struct epoll_state {
    int fd;
    struct fd_polls *by_fd;
    int n_fds;
    struct loop_io *ended, **ended_end; /* polls whose done is to be called */
    struct loop_io *finished;           /* atomic: file requests, newest first */

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wanted;
    struct loop_io *queue, **queue_end;
    unsigned n_queued, n_idle, n_workers;
    bool stopping;
    pthread_t workers[MAX_WORKERS];
    AioContext *ctx;
};

/* ---- files ---- */

static int32_t perform(const struct loop_io *io)
{
    ssize_t result;

    do {
        switch ((enum loop_op)io->op) {
        case LOOP_READV:
            result = preadv(io->fd, io->iov, (int)io->arg, io->offset);
            break;
        case LOOP_WRITEV:
            result = pwritev(io->fd, io->iov, (int)io->arg, io->offset);
            break;
        case LOOP_FDATASYNC:
            result = fdatasync(io->fd);
            break;
        case LOOP_FALLOCATE:
            result = fallocate(io->fd, (int)io->arg, io->offset, io->length);
            break;
        default:
            return -EINVAL;
        }
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : (int32_t)result;
}

static void push_finished(struct epoll_state *state, struct loop_io *io)
{
    io->next = __atomic_load_n(&state->finished, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&state->finished, &io->next, io, true, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED)) {
    }
    loop_pushed(state->ctx);
}

static void *work(void *opaque)
{
    struct epoll_state *state = opaque;

    pthread_mutex_lock(&state->lock);
    for (;;) {
        while (!state->queue && !state->stopping) {
            state->n_idle++;
            pthread_cond_wait(&state->wanted, &state->lock);
            state->n_idle--;
        }
        struct loop_io *io = state->queue;
        if (!io) {
            break;
        }
        state->queue = io->next;
        state->n_queued--;
        if (!state->queue) {
            state->queue_end = &state->queue;
        }
        pthread_mutex_unlock(&state->lock);
        io->result = perform(io);
        push_finished(state, io);
        pthread_mutex_lock(&state->lock);
    }
    pthread_mutex_unlock(&state->lock);
    return NULL;
}

/* Requires lock.  Failing to start one more thread is bad only when there is none. */
static void start_worker(struct epoll_state *state)
{
    int error = pthread_create(&state->workers[state->n_workers], NULL, work, state);

    if (error == 0) {
        state->n_workers++;
    } else if (state->n_workers == 0) {
        co_fatal("cannot start a thread for file I/O: %s", strerror(error));
    }
}

static void submit_file(struct epoll_state *state, struct loop_io *io)
{
    io->next = NULL;
    pthread_mutex_lock(&state->lock);
    *state->queue_end = io;
    state->queue_end = &io->next;
    state->n_queued++;
    if (state->n_queued > state->n_idle && state->n_workers < MAX_WORKERS) {
        start_worker(state);
    }
    pthread_cond_signal(&state->wanted);
    pthread_mutex_unlock(&state->lock);
}

static bool complete_files(struct epoll_state *state)
{
    struct loop_io *io = __atomic_exchange_n(&state->finished, NULL, __ATOMIC_ACQUIRE);
    struct loop_io *oldest = NULL;
    bool any = io != NULL;

    while (io) {
        struct loop_io *before = io->next;
        io->next = oldest;
        oldest = io;
        io = before;
    }
    while (oldest) {
        io = oldest;
        oldest = io->next;
        io->done(io);
    }
    return any;
}

/* ---- polls ---- */

static void end_later(struct epoll_state *state, struct loop_io *io, int result)
{
    io->result = result;
    io->next = NULL;
    *state->ended_end = io;
    state->ended_end = &io->next;
}

static bool grow_table(struct epoll_state *state, int fd)
{
    int n = fd + 64;
    struct fd_polls *grown = realloc(state->by_fd, (size_t)n * sizeof *grown);

    if (!grown) {
        return false;
    }
    memset(grown + state->n_fds, 0, (size_t)(n - state->n_fds) * sizeof *grown);
    state->by_fd = grown;
    state->n_fds = n;
    return true;
}

/* Tells epoll what is asked of fd now; 0 or -errno. */
static int update(struct epoll_state *state, int fd)
{
    struct fd_polls *polls = &state->by_fd[fd];
    struct epoll_event event = { .events = EPOLLONESHOT, .data.fd = fd };

    for (struct loop_io *io = polls->first; io; io = io->next) {
        event.events |= io->arg; /* the POLL and EPOLL bits are the same */
    }
    if (polls->known && epoll_ctl(state->fd, EPOLL_CTL_MOD, fd, &event) == 0) {
        return 0;
    }
    /* Closing a descriptor removes it from epoll without a word, so a known one may be new
     * again. */
    polls->known = epoll_ctl(state->fd, EPOLL_CTL_ADD, fd, &event) == 0;
    return polls->known ? 0 : -errno;
}

static void submit_poll(struct epoll_state *state, struct loop_io *io)
{
    int error;

    if (io->fd < 0) {
        end_later(state, io, -EBADF);
        return;
    }
    if (io->fd >= state->n_fds && !grow_table(state, io->fd)) {
        end_later(state, io, -ENOMEM);
        return;
    }
    struct fd_polls *polls = &state->by_fd[io->fd];
    io->next = polls->first;
    polls->first = io;
    error = update(state, io->fd);
    if (error) {
        polls->first = io->next;
        /* EPERM: a regular file, which is always ready. */
        end_later(state, io, error == -EPERM ? (int)(io->arg & (POLLIN | POLLOUT)) : error);
    }
}

static void epoll_cancel_poll(AioContext *ctx, struct loop_io *io)
{
    struct epoll_state *state = ctx->state;

    for (struct loop_io **link = &state->by_fd[io->fd].first; *link; link = &(*link)->next) {
        if (*link == io) {
            *link = io->next;
            end_later(state, io, -ECANCELED);
            if (state->by_fd[io->fd].first) {
                update(state, io->fd);
            } else if (state->by_fd[io->fd].known) {
                epoll_ctl(state->fd, EPOLL_CTL_DEL, io->fd, NULL);
                state->by_fd[io->fd].known = false;
            }
            return;
        }
    } /* not there: it is in `ended` already */
}

/* fd has `events`: its polls that asked for some of them end; the others are asked for again. */
static void poll_event(struct epoll_state *state, int fd, uint32_t events)
{
    struct loop_io **link = &state->by_fd[fd].first;

    while (*link) {
        struct loop_io *io = *link;
        uint32_t got = events & (io->arg | POLLERR | POLLHUP);
        if (got) {
            *link = io->next;
            end_later(state, io, (int)got);
        } else {
            link = &io->next;
        }
    }
    if (state->by_fd[fd].first) {
        update(state, fd);
    }
}

static bool complete_polls(struct epoll_state *state)
{
    unsigned n = 0;

    for (struct loop_io *io = state->ended; io; io = io->next) {
        n++;
    }
    bool any = n > 0;
    /* done may end further polls, which wait for the next turn, and may call aio_poll: so one at
     * a time. */
    while (n-- > 0 && state->ended) {
        struct loop_io *io = state->ended;
        state->ended = io->next;
        if (!state->ended) {
            state->ended_end = &state->ended;
        }
        io->done(io);
    }
    return any;
}

/* ---- the back end ---- */

static int epoll_open(AioContext *ctx)
{
    struct epoll_state *state = calloc(1, sizeof *state);

    if (!state) {
        return -ENOMEM;
    }
    state->fd = epoll_create1(EPOLL_CLOEXEC);
    if (state->fd < 0) {
        int error = -errno;
        free(state);
        return error;
    }
    state->ctx = ctx;
    state->queue_end = &state->queue;
    state->ended_end = &state->ended;
    pthread_mutex_init(&state->lock, NULL);
    pthread_cond_init(&state->wanted, NULL);
    ctx->state = state;
    return 0;
}

static void epoll_close(AioContext *ctx)
{
    struct epoll_state *state = ctx->state;

    pthread_mutex_lock(&state->lock);
    state->stopping = true;
    pthread_cond_broadcast(&state->wanted);
    pthread_mutex_unlock(&state->lock);
    for (unsigned i = 0; i < state->n_workers; i++) {
        pthread_join(state->workers[i], NULL);
    }
    pthread_cond_destroy(&state->wanted);
    pthread_mutex_destroy(&state->lock);
    close(state->fd);
    free(state->by_fd);
    free(state);
}

static int epoll_attach(AioContext *ctx)
{
    (void)ctx;
    return 0;
}

static void epoll_submit(AioContext *ctx, struct loop_io *io)
{
    if (io->op == LOOP_POLL) {
        submit_poll(ctx->state, io);
    } else {
        submit_file(ctx->state, io);
    }
}

static int wait_for_events(struct epoll_state *state, struct epoll_event *events,
                           int64_t timeout_ns)
{
    int timeout_ms = -1;
    int n;

    if (timeout_ns >= 0) {
        int64_t ms = (timeout_ns + 999999) / 1000000;
        timeout_ms = ms > INT32_MAX ? INT32_MAX : (int)ms;
    }
    n = epoll_wait(state->fd, events, EVENTS_PER_TURN, timeout_ms);
    if (n < 0 && errno != EINTR) {
        co_fatal("epoll_wait: %s", strerror(errno));
    }
    return n < 0 ? 0 : n;
}

static bool epoll_turn(AioContext *ctx, int64_t timeout_ns)
{
    struct epoll_state *state = ctx->state;
    struct epoll_event events[EVENTS_PER_TURN];

    if (state->ended || __atomic_load_n(&state->finished, __ATOMIC_RELAXED)) {
        timeout_ns = 0;
    }
    int n = wait_for_events(state, events, timeout_ns);
    __atomic_store_n(&ctx->sleeping, false, __ATOMIC_RELAXED);
    for (int i = 0; i < n; i++) {
        poll_event(state, events[i].data.fd, events[i].events);
    }
    bool any = complete_polls(state);
    any |= complete_files(state);
    return any;
}

const struct loop_backend loop_epoll = {
    .name = "epoll",
    .open = epoll_open,
    .close = epoll_close,
    .attach = epoll_attach,
    .submit = epoll_submit,
    .cancel_poll = epoll_cancel_poll,
    .turn = epoll_turn,
};
