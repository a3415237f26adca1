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
