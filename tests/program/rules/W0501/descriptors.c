/* Calls on descriptors block, except where the function waits for the descriptor in between; so do calls through
 * pointers. */
#include <qemu/coroutine.h>
#include <errno.h>
#include <unistd.h>
#include <sys/socket.h>
void coroutine_fn yield_until_fd_readable(int fd);
void coroutine_fn co_put(const char *p, ssize_t n);
struct ops { int (*sync)(int fd); };

ssize_t coroutine_fn when_ready(int fd, void *p, size_t size)
{
    ssize_t n;
    while ((n = recv(fd, p, size, 0)) < 0 && errno == EAGAIN) {
        yield_until_fd_readable(fd);
    }
    return n;
}

void coroutine_fn copy(int fd)
{
    char p[100];
    ssize_t n;
    while ((n = read(fd, p, sizeof p)) > 0) {           //~ W0501: coroutine_fn 'copy' calls blocking 'read'
        co_put(p, n);
    }
}

static int full(int fd) { return fdatasync(fd); }
static int none(int fd) { return fd; }
const struct ops with = { .sync = full }, without = { .sync = none };
int coroutine_fn through_pointer(const struct ops *ops)
{
    qemu_coroutine_yield();
    return ops->sync(3);                                //~ W0501: 'through_pointer' reaches blocking 'fdatasync' through 'full'
}
