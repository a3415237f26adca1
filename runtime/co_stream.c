/* QEMU's transfers on sockets, which wait by yielding only, and its wait for a descriptor. */
#include "co.h"

#include "co_io.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define PARTS 64 /* buffers in one system call */

void coroutine_fn yield_until_fd_readable(int fd)
{
    co_poll(fd, POLLIN);
}

/* The buffers that hold `bytes` from `offset`, as far as there are parts; their number. */
static size_t cut(struct iovec *parts, const struct iovec *iov, unsigned iov_cnt, size_t offset,
                  size_t bytes)
{
    size_t n = 0;

    for (unsigned i = 0; i < iov_cnt && n < PARTS && bytes > 0; i++) {
        if (offset >= iov[i].iov_len) {
            offset -= iov[i].iov_len;
            continue;
        }
        size_t size = iov[i].iov_len - offset;
        parts[n].iov_base = (char *)iov[i].iov_base + offset;
        parts[n].iov_len = size < bytes ? size : bytes;
        bytes -= parts[n++].iov_len;
        offset = 0;
    }
    return n;
}

/* One system call: the number of bytes, or -errno. */
static ssize_t transfer(int sockfd, const struct iovec *iov, unsigned iov_cnt, size_t offset,
                        size_t bytes, bool do_send)
{
    struct iovec parts[PARTS];
    struct msghdr message;
    ssize_t done;

    memset(&message, 0, sizeof message);
    message.msg_iov = parts;
    message.msg_iovlen = cut(parts, iov, iov_cnt, offset, bytes);
    do {
        done = do_send ? sendmsg(sockfd, &message, 0) : recvmsg(sockfd, &message, 0);
    } while (done < 0 && errno == EINTR);
    return done < 0 ? -errno : done;
}

ssize_t coroutine_fn qemu_co_sendv_recvv(int sockfd, struct iovec *iov, unsigned iov_cnt,
                                         size_t offset, size_t bytes, bool do_send)
{
    size_t done = 0;

    while (done < bytes) {
        ssize_t n = transfer(sockfd, iov, iov_cnt, offset + done, bytes - done, do_send);
        if (n > 0) {
            done += (size_t)n;
        } else if (n == -EAGAIN) {
            qemu_coroutine_yield();
        } else if (n < 0 && done == 0) {
            return n;
        } else {
            break;
        }
    }
    return (ssize_t)done;
}

ssize_t coroutine_fn qemu_co_send_recv(int sockfd, void *buf, size_t bytes, bool do_send)
{
    struct iovec iov = { .iov_base = buf, .iov_len = bytes };

    return qemu_co_sendv_recvv(sockfd, &iov, 1, 0, bytes, do_send);
}
