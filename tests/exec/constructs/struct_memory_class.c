/* Structs in memory: large, packed and over-aligned ones, as arguments and results; each activation has its own. */
#include "construct.h"

struct large { long v[7]; };
struct __attribute__((packed)) odd { char c; double d; int i; };
struct line { _Alignas(32) int v[3]; };

static struct large coroutine_fn grow(struct large x, int i)
{
    may_wait();
    x.v[i]++;
    return i < 6 ? grow(x, i + 1) : x;
}

static struct odd coroutine_fn swap(struct odd x) { may_wait(); x.c++, x.d = x.i, x.i = x.c; return x; }
static struct line coroutine_fn line(struct line x) { may_wait(); x.v[2] += x.v[0]; return x; }

static void coroutine_fn test(void)
{
    struct large a = { { 1, 2, 3, 4, 5, 6, 7 } }, b = grow(a, 0);
    struct odd c = swap(swap((struct odd){ 'a', 1.5, 9 }));
    struct line d = line(line((struct line){ { 1, 2, 3 } }));

    b = grow(b, 3);
    may_wait();
    for (int i = 0; i < 7; i++) {
        say("b", b.v[i] * 100 + a.v[i]);
    }
    printf("%c %g %d %d\n", c.c, c.d, c.i, d.v[2]);
}
