/* The io_uring back end: requests become submission entries, and one system call per turn sends
 * all of them and waits.
 *
 * Requires Linux 5.11 (timeouts without an entry of their own, fallocate, completions that
 * cannot get lost); where the kernel has them (6.1), completions are also delivered only when
 * this thread asks (DEFER_TASKRUN), which saves interrupts.  The ring is created disabled and
 * enabled by the home thread, since such a ring belongs to the thread that enables it.
 *
 * The submission queue is short; what does not fit waits in a list, in order. */
#include "loop_impl.h"

#include "co.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>

#define SQ_ENTRIES 256
#define CQ_ENTRIES 4096

struct uring {
    struct io_uring ring;
    struct loop_io *waiting, **waiting_end; /* did not fit */
};

static const int needed_ops[] = {
    IORING_OP_READV, IORING_OP_WRITEV,    IORING_OP_READ,     IORING_OP_WRITE,
    IORING_OP_FSYNC, IORING_OP_FALLOCATE, IORING_OP_POLL_ADD, IORING_OP_POLL_REMOVE,
};

static int init_ring(struct io_uring *ring, unsigned flags)
{
    struct io_uring_params params = {
        .flags = flags | IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
        .cq_entries = CQ_ENTRIES,
    };

    return io_uring_queue_init_params(SQ_ENTRIES, ring, &params);
}

static bool has_all_ops(struct io_uring *ring)
{
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
    bool all = probe != NULL;

    for (size_t i = 0; all && i < sizeof needed_ops / sizeof needed_ops[0]; i++) {
        all = io_uring_opcode_supported(probe, needed_ops[i]);
    }
    io_uring_free_probe(probe);
    return all;
}

static int uring_open(AioContext *ctx)
{
    struct uring *uring = calloc(1, sizeof *uring);
    unsigned features = IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG;

    if (!uring) {
        return -ENOMEM;
    }
    uring->waiting_end = &uring->waiting;
    int error = init_ring(&uring->ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    if (error == -EINVAL) {
        error = init_ring(&uring->ring, 0);
    }
    if (error) {
        free(uring);
        return error;
    }
    if ((uring->ring.features & features) != features || !has_all_ops(&uring->ring)) {
        io_uring_queue_exit(&uring->ring);
        free(uring);
        return -ENOSYS;
    }
    ctx->state = uring;
    return 0;
}

static void uring_close(AioContext *ctx)
{
    struct uring *uring = ctx->state;

    io_uring_queue_exit(&uring->ring);
    free(uring);
}

static int uring_attach(AioContext *ctx)
{
    struct uring *uring = ctx->state;

    return io_uring_enable_rings(&uring->ring);
}

static void prepare_rw(struct io_uring_sqe *sqe, const struct loop_io *io)
{
    bool read = io->op == LOOP_READV;
    unsigned length = io->iov[0].iov_len > INT32_MAX ? INT32_MAX : (unsigned)io->iov[0].iov_len;

    if (io->arg == 1 && read) {
        io_uring_prep_read(sqe, io->fd, io->iov[0].iov_base, length, (uint64_t)io->offset);
    } else if (io->arg == 1) {
        io_uring_prep_write(sqe, io->fd, io->iov[0].iov_base, length, (uint64_t)io->offset);
    } else if (read) {
        io_uring_prep_readv(sqe, io->fd, io->iov, io->arg, (uint64_t)io->offset);
    } else {
        io_uring_prep_writev(sqe, io->fd, io->iov, io->arg, (uint64_t)io->offset);
    }
}

static bool prepare(struct uring *uring, struct loop_io *io)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);

    if (!sqe) {
        return false;
    }
    switch ((enum loop_op)io->op) {
    case LOOP_READV:
    case LOOP_WRITEV:
        prepare_rw(sqe, io);
        break;
    case LOOP_FDATASYNC:
        io_uring_prep_fsync(sqe, io->fd, IORING_FSYNC_DATASYNC);
        break;
    case LOOP_FALLOCATE:
        io_uring_prep_fallocate(sqe, io->fd, (int)io->arg, io->offset, io->length);
        break;
    case LOOP_POLL:
        io_uring_prep_poll_add(sqe, io->fd, io->arg);
        break;
    }
    io_uring_sqe_set_data(sqe, io);
    return true;
}

static void uring_submit(AioContext *ctx, struct loop_io *io)
{
    struct uring *uring = ctx->state;

    io->next = NULL;
    if (uring->waiting || !prepare(uring, io)) {
        *uring->waiting_end = io;
        uring->waiting_end = &io->next;
    }
}

static bool drop_waiting(struct uring *uring, struct loop_io *io)
{
    struct loop_io **link = &uring->waiting;

    while (*link && *link != io) {
        link = &(*link)->next;
    }
    if (!*link) {
        return false;
    }
    *link = io->next;
    if (uring->waiting_end == &io->next) {
        uring->waiting_end = link;
    }
    return true;
}

/* done must not be called in here; one that never started ends as a no-op that reports the
 * cancellation. */
static void uring_cancel_poll(AioContext *ctx, struct loop_io *io)
{
    struct uring *uring = ctx->state;
    struct io_uring_sqe *sqe;

    if (drop_waiting(uring, io)) {
        io->op = LOOP_POLL;
        io->fd = -1;
        uring_submit(ctx, io);
        return;
    }
    while (!(sqe = io_uring_get_sqe(&uring->ring))) {
        int n = io_uring_submit(&uring->ring);
        if (n < 0 && n != -EINTR && n != -EAGAIN && n != -EBUSY) {
            co_fatal("io_uring_submit: %s", strerror(-n));
        }
    }
    io_uring_prep_rw(IORING_OP_POLL_REMOVE, sqe, -1, NULL, 0, 0);
    sqe->addr = (uintptr_t)io;
    io_uring_sqe_set_data(sqe, NULL);
}

/* Moves what waits into the queue, sending as often as it fills up. */
static void start_waiting(struct uring *uring)
{
    while (uring->waiting) {
        struct loop_io *io = uring->waiting;
        struct loop_io *next = io->next;
        if (!prepare(uring, io)) {
            if (io_uring_submit(&uring->ring) <= 0) {
                return; /* the kernel is out of resources: the next turn tries again */
            }
            continue;
        }
        uring->waiting = next;
        if (!next) {
            uring->waiting_end = &uring->waiting;
        }
    }
}

/* Each completion is taken out before its done runs, which may call aio_poll. */
static bool complete_all(struct uring *uring)
{
    struct io_uring_cqe *cqe;
    bool any = false;

    while (io_uring_peek_cqe(&uring->ring, &cqe) == 0) {
        struct loop_io *io = io_uring_cqe_get_data(cqe);
        int result = cqe->res;
        io_uring_cqe_seen(&uring->ring, cqe);
        if (io) { /* the others are removals of polls */
            io->result = result;
            io->done(io);
            any = true;
        }
    }
    return any;
}

static bool uring_turn(AioContext *ctx, int64_t timeout_ns)
{
    struct uring *uring = ctx->state;
    struct io_uring_cqe *cqe;
    int error;

    start_waiting(uring);
    if (timeout_ns != 0 && io_uring_cq_ready(&uring->ring) == 0) {
        struct __kernel_timespec limit = {
            .tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000
        };
        error = io_uring_submit_and_wait_timeout(&uring->ring, &cqe, 1,
                                                 timeout_ns < 0 ? NULL : &limit, NULL);
    } else {
        /* Also lets the kernel post what it has finished. */
        error = io_uring_submit_and_get_events(&uring->ring);
    }
    if (error < 0 && error != -ETIME && error != -EINTR && error != -EAGAIN && error != -EBUSY) {
        co_fatal("io_uring: %s", strerror(-error));
    }
    return complete_all(uring);
}

const struct loop_backend loop_uring = {
    .name = "io_uring",
    .open = uring_open,
    .close = uring_close,
    .attach = uring_attach,
    .submit = uring_submit,
    .cancel_poll = uring_cancel_poll,
    .turn = uring_turn,
};
