/* The workload in direct style, as a developer writes it.  Requires, before it is included: a type
 * Coroutine, coroutine_fn, CoroutineEntry, and coroutine_create(entry, opaque), coroutine_enter(co)
 * and coroutine_yield().  Defines coroutine_system. */
#include "bench.h"

#define LEAF(p, attributes) \
    static attributes long coroutine_fn p##_0(struct work *w, long a) \
    { \
        for (long i = 0; i < w->yields; i++) { \
            coroutine_yield(); \
        } \
        return a ^ w->k; \
    }
#define LEVEL(p, d, below, attributes) \
    static attributes long coroutine_fn p##_##d(struct work *w, long a) \
    { \
        long x = a * 3 + d, y = w->k ^ x; \
        long r = p##_##below(w, x); \
        return r + y + (x ^ d); \
    }
#define STATIC_LEVEL(p, d, below) LEVEL(p, d, below, )
#define SEPARATE_LEVEL(p, d, below) LEVEL(p, d, below, NOINLINE)
#define ROOT(name, top) \
    static void coroutine_fn root_##name(void *opaque) \
    { \
        struct work *w = opaque; \
        for (long n = w->iters; n > 0; n--) { \
            long a = n; \
            HIDE(a); \
            w->sum += top(w, a); \
        } \
        w->ended = 1; \
    }

LEAF(s1, )
LEVELS_1(STATIC_LEVEL, s1)
ROOT(s1, s1_1)
LEAF(s3, )
LEVELS_3(STATIC_LEVEL, s3)
ROOT(s3, s3_3)
LEAF(s8, )
LEVELS_8(STATIC_LEVEL, s8)
ROOT(s8, s8_8)
LEAF(s32, )
LEVELS_32(STATIC_LEVEL, s32)
ROOT(s32, s32_32)
LEAF(n, NOINLINE)
LEVELS_32(SEPARATE_LEVEL, n)
ROOT(n1, n_1)
ROOT(n3, n_3)
ROOT(n8, n_8)
ROOT(n32, n_32)

/* A loop with a yield that never happens. */
static long coroutine_fn hot_loop(struct work *w, long a)
{
    long x = a;

    for (long i = 0; i < LOOP; i++) {
        x = (x ^ (x >> 7)) + w->k;
        if (UNLIKELY(x == w->never)) {
            coroutine_yield();
        }
    }
    return x;
}
ROOT(hot, hot_loop)

/* A buffer that other code fills, across a yield. */
#define BUFFERED(name, attributes) \
    static attributes long coroutine_fn name(struct work *w, long a) \
    { \
        char buffer[BUFFER]; \
        bench_fill(buffer, a); \
        for (long i = 0; i < w->yields; i++) { \
            coroutine_yield(); \
        } \
        return bench_read(buffer) ^ w->k; \
    }
BUFFERED(static_buffer, )
ROOT(static_buffer, static_buffer)
BUFFERED(separate_buffer, NOINLINE)
ROOT(separate_buffer, separate_buffer)

#define EACH_VALUE(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) \
    X(13) X(14) X(15)
#define TAKE(i) long v##i = w->values[i] * (a + i);
#define JOIN(i) + (v##i ^ (r + i))

/* Sixteen values across a yield. */
static long coroutine_fn live_values(struct work *w, long a)
{
    EACH_VALUE(TAKE)

    for (long i = 0; i < w->yields; i++) {
        coroutine_yield();
    }
    long r = w->k;
    return r EACH_VALUE(JOIN);
}
ROOT(live, live_values)

static CoroutineEntry *const roots[N_ROOTS] = {
    root_s1, root_s3, root_s8, root_s32, root_n1, root_n3, root_n8, root_n32,
    root_hot, root_static_buffer, root_live, root_separate_buffer,
};

static void coroutine_fn empty(void *opaque)
{
    (void)opaque;
}

static void coroutine_fn once(void *opaque)
{
    (void)opaque;
    coroutine_yield();
}

static void coroutine_fn count_down(void *opaque)
{
    long *left = opaque;

    while (*left > 0) {
        --*left;
        coroutine_yield();
    }
}

static void coroutine_fn nested(void *opaque)
{
    struct nest *nest = opaque;

    if (++nest->entered < nest->depth) {
        coroutine_enter(coroutine_create(nested, nest));
    }
    nest->returned++;
}

#include "drive.h"
