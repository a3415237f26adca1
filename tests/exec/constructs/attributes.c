/* Attributes of coroutine functions and of variables in them: they are kept, and suspending is not disturbed. */
#include "construct.h"

static int coroutine_fn __attribute__((cold, noinline)) rare(int x) { may_wait(); return x + 1; }
static int coroutine_fn __attribute__((hot, always_inline)) inline often(int x) { may_wait(); return rare(x) * 2; }
static int coroutine_fn __attribute__((nonnull(1), warn_unused_result)) read(const int *p) { may_wait(); return *p; }
static int __attribute__((flatten)) coroutine_fn flat(int x) { return often(x) + often(x + 1); }
__attribute__((visibility("hidden"))) int coroutine_fn hidden(int x);
__attribute__((section(".text.co"), used)) int coroutine_fn hidden(int x) { may_wait(); return x - 1; }
static long coroutine_fn __attribute__((optimize("O1"), aligned(64))) aligned_one(long x) { may_wait(); return x << 1; }
extern int coroutine_fn renamed(int x) __asm__("renamed_in_assembler");
int coroutine_fn renamed(int x) { may_wait(); return x * 5; }

static int coroutine_fn __attribute__((format(printf, 1, 2))) formatted(const char *format, ...)
{
    may_wait();
    return (int)strlen(format);
}

static void coroutine_fn test(void)
{
    int __attribute__((unused)) never = (int)get(1);
    int __attribute__((aligned(32))) far = 4;
    register int quick = (int)get(6);
    static int coroutine_fn (*const table[])(int) = { rare, hidden, renamed };

    say("flat", flat(3));
    say("read", read(&far));
    may_wait();
    say("aligned", (long)&far % 32 + aligned_one(quick));
    for (int i = 0; i < 3; i++) {
        say("table", table[i](i + 10));
    }
    say("formatted", formatted("%d", 5));
}
