/* Most calls look at the result. */
#include <qemu/coroutine.h>
int coroutine_fn co_flush(int fd) { qemu_coroutine_yield(); return fd; }
int coroutine_fn good(int fd) { int ret = co_flush(fd); return ret ? ret : co_flush(fd + 1); }
int coroutine_fn also(int fd) { (void)co_flush(fd); return co_flush(fd); }
void coroutine_fn bad(int fd)
{
    co_flush(fd); //~ W0509: the result of coroutine_fn 'co_flush' is not used; 6 of 8 calls use it
}
struct error;
int coroutine_fn co_truncate(int fd, struct error **errp) { qemu_coroutine_yield(); return fd && errp; }
int coroutine_fn looks_at_the_error(int fd)
{
    struct error *local_err = 0;
    co_truncate(fd, &local_err);
    return local_err ? 1 : co_truncate(fd, 0) + co_truncate(fd, 0) + co_truncate(fd, 0);
}
int coroutine_fn meant(int fd)
{
    /* Ignore failures: it is only
     * an attempt. */
    co_flush(fd);
    return co_flush(fd) + co_flush(fd);
}
