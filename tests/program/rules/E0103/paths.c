/* The way leads through plain and mixed functions, not through what is known to be outside coroutines. */
#include <qemu/coroutine.h>
void no_coroutine_fn wait_all(void);
static void deeper(void) { wait_all(); }
static void helper(int x) { if (x) deeper(); }
static void outside(void) { if (!qemu_in_coroutine()) wait_all(); }
void coroutine_fn direct(void) { qemu_coroutine_yield(); wait_all(); }   //~ E0103: coroutine_fn 'direct' calls no_coroutine_fn 'wait_all'
void coroutine_fn far(void) { qemu_coroutine_yield(); helper(1); }       //~ E0103: coroutine_fn 'far' reaches no_coroutine_fn 'wait_all' through 'helper'
void coroutine_fn fine(void) { outside(); }
void plain(void) { helper(2); }
static void close_all(int fd, int force) { if (fd > 2 && force) wait_all(); }
static void close_file(int fd, int force) { if (fd > 2) force = 1; if (force) wait_all(); }
static void keep_all(int fd, int keep) { if (keep) return; deeper(); (void)fd; }
void coroutine_fn softly(int fd) { qemu_coroutine_yield(); close_all(fd, 0); keep_all(fd, 1); close_all(fd, 0); }
void coroutine_fn by_force(int fd) { qemu_coroutine_yield(); close_all(fd, 1); } //~ E0103: coroutine_fn 'by_force' reaches no_coroutine_fn 'wait_all' through 'close_all'
void coroutine_fn changed(int fd) { qemu_coroutine_yield(); close_file(fd, 0); } //~ E0103: 'changed' reaches no_coroutine_fn 'wait_all' through 'close_file'
void coroutine_fn dropped(int fd) { qemu_coroutine_yield(); keep_all(fd, 0); }   //~ E0103: 'dropped' reaches no_coroutine_fn 'wait_all' through 'keep_all'
