/* I/O that suspends the calling coroutine instead of the thread.
 *
 * The caller's thread must have an AioContext (loop.h); the coroutine goes on in the same
 * thread.  Buffers and iovec arrays must stay until the call returns.  Nothing is allocated per
 * call: the request lives in the coroutine's frame.  EINTR and EAGAIN never come back.  A
 * request cannot be cancelled, save co_poll_wakeable: wait for it before closing fd.  Results are
 * >= 0, or -errno. */
#ifndef CO_IO_H
#define CO_IO_H

#include <qemu/coroutine.h>
#include <sys/types.h>
#include <sys/uio.h>

struct loop_io;

/* Reads at `offset` until the buffers are full or the file ends: the number of bytes read, less
 * than asked only at end of file; -errno when any part failed.  For what can seek: files, block
 * devices.  Suspends. */
int64_t coroutine_fn co_preadv(int fd, const struct iovec *iov, int iovcnt, int64_t offset);

/* Writes all buffers at `offset`: the number of bytes, which is all of them, or -errno (a part
 * may have been written).  Suspends. */
int64_t coroutine_fn co_pwritev(int fd, const struct iovec *iov, int iovcnt, int64_t offset);

/* fdatasync(2): what was written before is on stable storage when it returns 0.  Suspends. */
int coroutine_fn co_fdatasync(int fd);

/* fallocate(2), for discard and write-zeroes.  0 or -errno.  Suspends. */
int coroutine_fn co_fallocate(int fd, int mode, int64_t offset, int64_t length);

/* Waits for poll(2) events (POLLIN, POLLOUT); the events that are there, POLLERR and POLLHUP
 * included. One coroutine and one aio_set_fd_handler handler or several coroutines may wait for
 * one fd.  Suspends. */
int coroutine_fn co_poll(int fd, int events);

/* A co_poll that others can end.  All zero: nobody waits.  Belongs to one context. */
struct co_poll_wait {
    struct loop_io *io;
};

/* As co_poll; -ECANCELED after co_poll_wake, though not before the loop's next turn.  Suspends. */
int coroutine_fn co_poll_wakeable(struct co_poll_wait *w, int fd, int events);

/* Ends the wait at w, if there is one.  In the waiter's thread. */
void co_poll_wake(struct co_poll_wait *w);

/* read(2) on a stream (socket, pipe, eventfd, tap) that is O_NONBLOCK: waits until there is
 * something. The number of bytes, 0 at the end.  Suspends. */
ssize_t coroutine_fn co_read(int fd, void *buf, size_t size);

/* Writes all of buf to a stream that is O_NONBLOCK.  `size`, or -errno.  SIGPIPE must be ignored.
 * Suspends. */
ssize_t coroutine_fn co_write(int fd, const void *buf, size_t size);

#endif
