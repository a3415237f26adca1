/* The inside of an AioContext: for loop.c, its back ends and co_io.c only.
 *
 * A back end does one thing: it takes struct loop_io requests (file I/O and one-shot polls), and
 * calls io->done(io) in the home thread when io->result is there.  Everything else is built on
 * that: handlers are polls submitted again after each call, wake-ups a handler on an eventfd. */
#ifndef LOOP_IMPL_H
#define LOOP_IMPL_H

#include "loop.h"

#include <qemu/thread.h>
#include <sys/uio.h>

enum loop_op { LOOP_READV, LOOP_WRITEV, LOOP_FDATASYNC, LOOP_FALLOCATE, LOOP_POLL };

/* One request.  The submitter provides the memory and leaves it alone until done is called. */
struct loop_io {
    void (*done)(struct loop_io *io); /* home thread, outside coroutines */
    void *opaque;                     /* for done */
    struct loop_io *next;             /* of the back end */
    const struct iovec *iov;          /* READV, WRITEV: 1 to IOV_MAX buffers */
    int64_t offset;                   /* READV, WRITEV, FALLOCATE */
    int64_t length;                   /* FALLOCATE */
    int fd;
    uint32_t arg;   /* READV, WRITEV: number of buffers; FALLOCATE: mode; POLL: events */
    int32_t result; /* bytes, 0, events, or -errno */
    uint8_t op;     /* enum loop_op */
};

struct loop_backend {
    const char *name;

    /* Opens or closes ctx->state.  open: -ENOSYS, -EPERM ... when the kernel refuses. */
    int (*open)(AioContext *ctx);
    void (*close)(AioContext *ctx);

    /* The calling thread is the home from now on. */
    int (*attach)(AioContext *ctx);

    /* Accepts a request; it starts at the next turn at the latest.  Never calls done itself. */
    void (*submit)(AioContext *ctx, struct loop_io *io);

    /* Ends a submitted LOOP_POLL early: done is called, with -ECANCELED if it had not happened
     * yet. */
    void (*cancel_poll)(AioContext *ctx, struct loop_io *io);

    /* Starts what was submitted, waits up to timeout_ns (-1: for ever) for a completion unless
     * there is one, calls done for all that are there.  True when there was one. */
    bool (*turn)(AioContext *ctx, int64_t timeout_ns);
};

extern const struct loop_backend loop_uring, loop_epoll;

struct loop_bh {
    struct loop_bh *next;
    AioCallback *cb;
    void *opaque;
    bool allocated; /* freed after the call */
};

struct loop_qemu_timers {
    QemuMutex lock;
    struct QEMUTimer *first; /* by deadline and order; under the lock, as the next */
    uint64_t order;
    struct loop_timer alarm; /* home thread: at the first one's deadline */
    struct loop_bh bh;       /* of other threads: the list has another first one */
    bool asked;              /* atomic: bh is on its way */
};

/* "Atomic": pushed by any thread; all else changes in the home thread only. */
struct AioContext {
    const struct loop_backend *backend; /* constant */
    void *state;                        /* the back end's, constant */
    int notify_fd;                      /* eventfd, constant */
    bool attached;
    bool stop;                 /* atomic */
    bool sleeping;             /* atomic: a push must be followed by aio_notify */
    uint32_t n_pushing;        /* atomic: threads between loop_begin_push and loop_end_push */
    struct loop_bh *bhs;       /* atomic, newest first */
    Coroutine *scheduled;      /* atomic, newest first, linked by queue_next */
    Coroutine *ready;           /* taken from `scheduled`, oldest first */
    struct loop_bh *ready_bhs;  /* taken from `bhs`, oldest first */
    QEMUBH *idle_bhs;           /* oldest first */
    struct watch *watches;
    struct loop_timer **timers; /* binary heap by (deadline, order) */
    uint32_t n_timers, timers_size;
    uint64_t timer_order;
    struct loop_qemu_timers qemu_timers;
    unsigned references; /* atomic: of aio_context_ref */
};

/* Requires: home thread, or not attached yet. */
static inline void loop_submit(AioContext *ctx, struct loop_io *io)
{
    ctx->backend->submit(ctx, io);
}

/* loop_timer.c: nanoseconds to the next deadline, 0 when one has passed, -1 when none is set. */
int64_t loop_timers_wait(AioContext *ctx);

/* Fires all that are due, not those set meanwhile.  True when one was. */
bool loop_timers_run(AioContext *ctx);

/* loop_qemu_timer.c: the list of a new context, and its end: no QEMUTimer is set. */
void loop_qemu_timers_open(AioContext *ctx);
void loop_qemu_timers_close(AioContext *ctx);

/* loop_bh.c: calls the bottom halves that were scheduled as idle, not those scheduled meanwhile. */
void loop_run_idle_bhs(AioContext *ctx);

/* loop_bh.c: asks for bh->cb(bh->opaque) once, in the home thread.  Thread-safe.  The memory is the
 * caller's until the call begins. */
void loop_push_bh(AioContext *ctx, struct loop_bh *bh);

/* loop_watch.c: frees all handlers; their polls must not be done any more. */
void loop_forget_watches(AioContext *ctx);

/* Around a push: what is pushed may make the home thread free the context, which waits for the
 * end. */
static inline void loop_begin_push(AioContext *ctx)
{
    __atomic_fetch_add(&ctx->n_pushing, 1, __ATOMIC_ACQ_REL);
}

static inline void loop_end_push(AioContext *ctx)
{
    __atomic_fetch_sub(&ctx->n_pushing, 1, __ATOMIC_RELEASE);
}

/* Wakes the home thread when it sleeps: call after a push to bhs, scheduled or a back end's
 * list. */
void loop_pushed(AioContext *ctx);

#endif
