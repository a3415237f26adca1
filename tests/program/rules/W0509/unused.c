/* Most calls look at the result. */
#include <qemu/coroutine.h>
int coroutine_fn co_flush(int fd) { qemu_coroutine_yield(); return fd; }
int coroutine_fn good(int fd) { int ret = co_flush(fd); return ret ? ret : co_flush(fd + 1); }
int coroutine_fn also(int fd) { (void)co_flush(fd); return co_flush(fd); }
void coroutine_fn bad(int fd)
{
    co_flush(fd); //~ W0509: the result of coroutine_fn 'co_flush' is not used; 4 of 5 calls use it
}
