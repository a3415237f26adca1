/* libc's blocking functions, directly or through plain functions. */
#include <qemu/coroutine.h>
#include <unistd.h>
static int sync_all(int fd) { return fsync(fd); }
int coroutine_fn direct(int fd) { qemu_coroutine_yield(); sleep(1); return fd; }      //~ W0501: coroutine_fn 'direct' calls blocking 'sleep'
int coroutine_fn far(int fd) { qemu_coroutine_yield(); return sync_all(fd); }         //~ W0501: 'far' reaches blocking 'fsync' through 'sync_all'
int plain(int fd) { return sync_all(fd); }
int coroutine_fn fine(int fd) { qemu_coroutine_yield(); return getpid() + fd; }
_Noreturn void exit(int);
static void fatal(int fd, int e) { if (e) { sync_all(fd); exit(1); } }
int coroutine_fn ends(int fd, int e) { qemu_coroutine_yield(); fatal(fd, e); return fd; }
int coroutine_fn goes_on(int fd, int e) { qemu_coroutine_yield(); if (e) { if (fd) exit(1); sleep(1); } return fd; } //~ W0501: 'goes_on'
void error_printf(const char *fmt, ...) { if (fmt) sleep(1); }    /* as everybody's messages do */
int coroutine_fn says(int fd) { qemu_coroutine_yield(); error_printf("%d", fd); return fd; }
void co_run_in_worker_bh(void *);
void schedule(void (*bh)(void *), void *co);
int coroutine_fn in_worker(int fd)
{
    schedule(co_run_in_worker_bh, qemu_coroutine_self());
    qemu_coroutine_yield();
    fsync(fd);      /* in a thread of a pool, which may wait */
    qemu_coroutine_yield();
    sleep(1);       //~ W0501: 'in_worker' calls blocking 'sleep'
    return fd;
}
