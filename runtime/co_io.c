/* Coroutine I/O: a request on the coroutine's frame goes to the back end, and its completion
 * enters the coroutine again. */
#include "co_io.h"

#include "co.h"
#include "loop_impl.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

static void resume(struct loop_io *io)
{
    Coroutine *co = io->opaque;

    co_set_unscheduled(co);
    qemu_aio_coroutine_enter(co_context, co);
}

/* Hands io to the loop, waits, and returns its result. */
static int coroutine_fn run_request(struct loop_io *io, const char *name)
{
    Coroutine *self = qemu_coroutine_self();

    assert(qemu_in_coroutine() && co_context);
    io->done = resume;
    io->opaque = self;
    co_set_scheduled(self, name);
    loop_submit(co_context, io);
    qemu_coroutine_yield();
    return io->result;
}

/* Bytes in the buffers, or -1 when they cannot be the buffers of one transfer. */
static int64_t total_size(const struct iovec *iov, int iovcnt)
{
    uint64_t total = 0;

    for (int i = 0; i < iovcnt; i++) {
        total += iov[i].iov_len;
        if (iov[i].iov_len > INT64_MAX || total > INT64_MAX) {
            return -1;
        }
    }
    return iovcnt < 0 ? -1 : (int64_t)total;
}

/* Where a transfer stands: the rest of a buffer that was done in part, then the buffers behind
 * it. */
struct position {
    const struct iovec *iov;
    int iovcnt;
    struct iovec rest; /* iov_len 0: none */
};

static void skip_done(struct position *at, size_t n)
{
    if (at->rest.iov_len > 0) {
        size_t part = n < at->rest.iov_len ? n : at->rest.iov_len;
        at->rest.iov_base = (char *)at->rest.iov_base + part;
        at->rest.iov_len -= part;
        n -= part;
    }
    while (at->iovcnt > 0 && at->rest.iov_len == 0 && n >= at->iov->iov_len) {
        n -= at->iov->iov_len;
        at->iov++;
        at->iovcnt--;
    }
    if (n > 0) {
        at->rest.iov_base = (char *)at->iov->iov_base + n;
        at->rest.iov_len = at->iov->iov_len - n;
        at->iov++;
        at->iovcnt--;
    }
}

/* Transfers all, in as many requests as the kernel makes of it; less than all only when one
 * moved nothing. */
static int64_t coroutine_fn transfer(enum loop_op op, int fd, const struct iovec *iov, int iovcnt,
                                     int64_t offset)
{
    int64_t total = total_size(iov, iovcnt);
    const char *name = op == LOOP_READV ? "co_preadv" : "co_pwritev";
    struct position at = { iov, iovcnt, { NULL, 0 } };
    struct loop_io io;
    int64_t done = 0;

    if (total < 0 || offset < 0 || total > INT64_MAX - offset) {
        return -EINVAL;
    }
    while (done < total) {
        bool rest = at.rest.iov_len > 0;
        io = (struct loop_io){ .op = (uint8_t)op, .fd = fd, .offset = offset + done };
        io.iov = rest ? &at.rest : at.iov;
        io.arg = rest ? 1 : at.iovcnt < IOV_MAX ? (uint32_t)at.iovcnt : IOV_MAX;
        int n = run_request(&io, name);
        if (n > 0) {
            done += n;
            skip_done(&at, (size_t)n);
        } else if (n == 0) {
            break;
        } else if (n != -EINTR && n != -EAGAIN) {
            return n;
        }
    }
    return done;
}

int64_t coroutine_fn co_preadv(int fd, const struct iovec *iov, int iovcnt, int64_t offset)
{
    return transfer(LOOP_READV, fd, iov, iovcnt, offset);
}

int64_t coroutine_fn co_pwritev(int fd, const struct iovec *iov, int iovcnt, int64_t offset)
{
    int64_t done = transfer(LOOP_WRITEV, fd, iov, iovcnt, offset);

    /* A write that moves nothing and gives no error: nobody could go on from there. */
    return done >= 0 && done < total_size(iov, iovcnt) ? -EIO : done;
}

int coroutine_fn co_fdatasync(int fd)
{
    struct loop_io io = { .op = LOOP_FDATASYNC, .fd = fd };
    int error;

    do {
        error = run_request(&io, "co_fdatasync");
    } while (error == -EINTR);
    return error;
}

int coroutine_fn co_fallocate(int fd, int mode, int64_t offset, int64_t length)
{
    struct loop_io io = {
        .op = LOOP_FALLOCATE, .fd = fd, .arg = (uint32_t)mode, .offset = offset, .length = length
    };
    int error;

    do {
        error = run_request(&io, "co_fallocate");
    } while (error == -EINTR);
    return error;
}

int coroutine_fn co_poll(int fd, int events)
{
    struct loop_io io = { .op = LOOP_POLL, .fd = fd, .arg = (uint32_t)events };

    return run_request(&io, "co_poll");
}

int coroutine_fn co_poll_wakeable(struct co_poll_wait *w, int fd, int events)
{
    struct loop_io io = { .op = LOOP_POLL, .fd = fd, .arg = (uint32_t)events };
    int result;

    w->io = &io;
    result = run_request(&io, "co_poll");
    if (!w->io) {
        return -ECANCELED; /* also when the events had come by then */
    }
    w->io = NULL;
    return result;
}

void co_poll_wake(struct co_poll_wait *w)
{
    struct loop_io *io = w->io;

    w->io = NULL;
    if (io) {
        co_context->backend->cancel_poll(co_context, io);
    }
}

ssize_t coroutine_fn co_read(int fd, void *buf, size_t size)
{
    for (;;) {
        ssize_t n = read(fd, buf, size);
        if (n >= 0) {
            return n;
        }
        if (errno == EAGAIN) {
            int events = co_poll(fd, POLLIN);
            if (events < 0) {
                return events;
            }
        } else if (errno != EINTR) {
            return -errno;
        }
    }
}

ssize_t coroutine_fn co_write(int fd, const void *buf, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = write(fd, (const char *)buf + done, size - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            int events = co_poll(fd, POLLOUT);
            if (events < 0) {
                return events;
            }
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return (ssize_t)done;
}
