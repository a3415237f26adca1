/* A mixed function may call a coroutine_fn behind a guard only. */
#include <qemu/coroutine.h>
int coroutine_fn co(void);
int coroutine_mixed_fn good(void) { return qemu_in_coroutine() ? co() : 1; }
int coroutine_mixed_fn bad(void) { return co(); } //~ E0104: coroutine_mixed_fn 'bad' calls coroutine_fn 'co' where it may run
