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
_Noreturn void exit(int);
static void fatal(int *e) { if (e) { either(); exit(1); } }   /* nothing runs after it, in a coroutine or not */
static void checked(int *e) { fatal(e); }
int coroutine_fn fourth(int *e) { checked(e); return co(); }
static int forever(int *e) { for (;;) { either(); if (*e) exit(1); } }   //~ E0105: 'forever'
int coroutine_fn fifth(int *e) { return forever(e); }
void error_printf(const char *fmt, ...) { if (fmt) either(); }    /* QEMU's messages are for everybody */
static void warn(int e) { if (e) error_printf("%d", e); }
void report(void) { error_printf("plainly"); }
int coroutine_fn sixth(int e) { warn(e); return co(); }
