/* libc's blocking functions, directly or through plain functions. */
#include <qemu/coroutine.h>
#include <unistd.h>
static int sync_all(int fd) { return fsync(fd); }
int coroutine_fn direct(int fd) { qemu_coroutine_yield(); sleep(1); return fd; }      //~ W0501: coroutine_fn 'direct' calls blocking 'sleep'
int coroutine_fn far(int fd) { qemu_coroutine_yield(); return sync_all(fd); }         //~ W0501: 'far' reaches blocking 'fsync' through 'sync_all'
int plain(int fd) { return sync_all(fd); }
int coroutine_fn fine(int fd) { qemu_coroutine_yield(); return getpid() + fd; }
