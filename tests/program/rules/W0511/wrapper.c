/* A wrapper that asks where it runs. */
#include <qemu/coroutine.h>
int poll_until_done(void);
int coroutine_fn co_flush(void);
int flush(void) { if (qemu_in_coroutine()) { return co_flush(); } else { return poll_until_done(); } }
int coroutine_mixed_fn mixed(void) { return qemu_in_coroutine() ? co_flush() : poll_until_done(); }
int plain(void) { return flush(); }
int coroutine_fn bad(void) { return flush(); } //~ W0511: coroutine_fn 'bad' calls 'flush', which calls 'co_flush' when
int coroutine_fn good(void) { return co_flush() + mixed(); }
