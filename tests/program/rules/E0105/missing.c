/* Everything between a coroutine_fn and a suspension is for coroutines; not so when plain code calls it too. */
#include <qemu/coroutine.h>
int coroutine_fn co(void);
static int deepest(void) { return co(); }            //~ E0101: 'deepest' calls
static int deeper(void) { return deepest(); }        //~ E0105: 'deeper' runs in coroutines only and reaches coroutine_fn 'co'
int coroutine_fn start(void) { return deeper(); }
static int shared(void) { return deepest(); }
int plain(void) { return shared(); }
int coroutine_fn other(void) { return shared(); }
int poll_until_done(void);
int either(void) { if (qemu_in_coroutine()) { return co(); } else { return poll_until_done(); } }
static int asks(void) { return either(); }           //~ E0105: 'asks' runs in coroutines only and reaches 'either', which
int coroutine_fn third(void) { return asks(); }
