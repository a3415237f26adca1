/* Nothing here needs a coroutine, unless its address is used. */
#include <qemu/coroutine.h>
#include <string.h>
int unknown(int x);
static int coroutine_fn sum(int a, int b) { return a + b; }    //~ W0502: 'sum' is coroutine_fn, but calls nothing
static size_t coroutine_fn length(const char *s) { return strlen(s) + (size_t)sum(1, 2); } //~ W0502: 'length'
static int coroutine_fn asks(void) { return unknown(2); }      //~ W0502: 'asks'
static int coroutine_fn self(void) { return qemu_coroutine_self() != NULL; }
static int coroutine_fn entry(int x) { return x; }
int coroutine_fn (*pointer)(int) = entry;
static int coroutine_fn held(void) { return 1; } /* cpc-lint: allow W0502: it will suspend */ //~ W0502: 'held'
static int coroutine_fn holds(void) { return held(); }
static int coroutine_fn both(void) { return self() + sum(1, 2); }
void error_printf(const char *fmt, ...) { if (fmt) qemu_coroutine_self(); }   /* which monitor is meant */
void report(void) { error_printf("plainly"); }
static int coroutine_fn tells(int n) { error_printf("%d", n); return n; } //~ W0502: 'tells'
size_t coroutine_fn start(void) { qemu_coroutine_yield(); return length("x") +
    (size_t)(asks() + tells(2) + both() + holds()); }
