/* What the units of this program share: declarations, inline functions, and a table of operations. */
#include <qemu/coroutine.h>
#include <stdio.h>

struct big { long v[6]; double d; };
struct ops { struct big coroutine_fn (*make)(long x); long coroutine_fn (*take)(struct big b, int n, ...); };

extern const struct ops ops;
extern int waits;

void coroutine_fn co_wait(void);
long coroutine_fn far(long x, struct big *b);

static inline long coroutine_fn near(long x)
{
    static long calls;
    co_wait();
    return x * 2 + ++calls;
}

inline long coroutine_fn common(long x)
{
    co_wait();
    return x + waits * 0;
}
