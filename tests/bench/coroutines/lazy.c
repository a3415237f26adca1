/* Lazy capture written by hand: what a compiler's output should look like, in C.
 *
 * A coroutine call is a native call that returns value and flag.  Only when the innermost function
 * suspends does every function on the way out store its live variables in a frame and return the
 * flag; a resume enters the innermost frame directly.  Frames that one suspension captures (a
 * batch) are bumped one behind the other in the coroutine's own area, and given back together; a
 * resumed function returns by a tail call of its parent's resume function.  The link that leaves
 * a batch has bit 0 set.  Each function is converted by itself; none is merged with its caller. */
#include "bench.h"

#include <stdbool.h>
#include <stdlib.h>

#ifdef __clang__ /* cold functions keep all registers, so that the hot ones save none */
#define COLD NOINLINE __attribute__((preserve_most, cold))
#else
#define COLD NOINLINE __attribute__((cold))
#endif
#define INLINE static inline __attribute__((always_inline))

struct result {
    long value, suspended;
};
#define SUSPENDED ((struct result){ 0, 1 })
#define DONE(x) ((struct result){ (x), 0 })

struct frame {
    struct result (*resume)(struct frame *frame, long value);
    struct frame *parent;
};
typedef struct result resume_fn(struct frame *frame, long value);

struct batch { /* at the start of each batch; a boxed frame stands before it */
    struct batch *prev;
    char *sp, *end;
};

typedef struct Coroutine {
    struct frame *top, **tail;
    char *sp, *end;
    struct batch *batch;
    struct Coroutine *next;
    struct result (*entry)(void *opaque);
    void *opaque;
    char area[192];
} Coroutine;

struct chunk {
    struct chunk *next;
    char *end;
    char data[];
};
#define CHUNK 4096

static __thread Coroutine *current, *pool;
static __thread struct chunk *chunks;

static struct result bottom_resume(struct frame *frame, long value)
{
    (void)frame;
    return DONE(value);
}
static struct frame bottom = { bottom_resume, NULL };

/* The object ends at co->sp then (clang 14 loses the result of a preserve_most function). */
static COLD void more(Coroutine *co, size_t size)
{
    struct chunk *chunk = chunks;

    if (chunk) {
        chunks = chunk->next;
    } else {
        chunk = malloc(CHUNK);
        chunk->end = (char *)chunk + CHUNK;
    }
    co->sp = chunk->data + size;
    co->end = chunk->end;
}

static COLD void give_back(Coroutine *co, char *sp, char *end)
{
    struct chunk *chunk = (struct chunk *)(co->end - CHUNK);

    chunk->next = chunks;
    chunks = chunk;
    co->sp = sp;
    co->end = end;
}

INLINE void *bump(Coroutine *co, size_t size)
{
    char *p = co->sp;

    if (UNLIKELY((size_t)(co->end - p) < size)) {
        more(co, size);
        return co->sp - size;
    }
    co->sp = p + size;
    return p;
}

INLINE void open_batch(Coroutine *co, struct batch *batch, char *sp, char *end)
{
    batch->prev = co->batch;
    batch->sp = sp;
    batch->end = end;
    co->batch = batch;
}

/* The frame of the function that yields. */
INLINE void *capture_first(size_t size, resume_fn *resume)
{
    Coroutine *co = current;
    char *sp = co->sp, *end = co->end;
    struct batch *batch = bump(co, sizeof *batch + size);
    struct frame *frame = (struct frame *)(batch + 1);

    open_batch(co, batch, sp, end);
    frame->resume = resume;
    co->top = frame;
    co->tail = &frame->parent;
    return frame;
}

/* The frame of a function whose callee has suspended. */
INLINE void *capture(size_t size, resume_fn *resume)
{
    Coroutine *co = current;
    struct frame *frame = bump(co, size);

    frame->resume = resume;
    *co->tail = frame;
    co->tail = &frame->parent;
    return frame;
}

/* A resumed function yields; a callee of it has suspended, which ends the batch. */
INLINE void recapture_yield(struct frame *frame)
{
    current->top = frame;
}
INLINE void recapture_call(struct frame *frame)
{
    *current->tail = (struct frame *)((uintptr_t)frame | 1);
}

INLINE struct frame *leave_batch(struct frame *parent)
{
    Coroutine *co = current;
    struct batch *batch = co->batch;

    co->batch = batch->prev;
    if (LIKELY(co->end == batch->end)) {
        co->sp = batch->sp;
    } else {
        give_back(co, batch->sp, batch->end);
    }
    return (struct frame *)((uintptr_t)parent & ~(uintptr_t)1);
}

INLINE struct result finish(struct frame *frame, long value)
{
    struct frame *parent = frame->parent;

    if ((uintptr_t)parent & 1) {
        parent = leave_batch(parent);
    }
    return parent->resume(parent, value);
}

/* ---- the chains ----------------------------------------------------------------------------- */

struct leaf_frame {
    struct frame frame;
    struct work *w;
    long a, i;
};

static NOINLINE struct result leaf_resume(struct frame *frame, long value)
{
    struct leaf_frame *f = (struct leaf_frame *)frame;
    struct work *w = f->w;
    long i = f->i + 1;

    (void)value;
    if (i < w->yields) {
        f->i = i;
        recapture_yield(frame);
        return SUSPENDED;
    }
    return finish(frame, f->a ^ w->k);
}

#define LEAF(p, attributes) \
    static attributes struct result p##_0(struct work *w, long a) \
    { \
        if (w->yields > 0) { \
            struct leaf_frame *f = capture_first(sizeof *f, leaf_resume); \
            f->w = w; \
            f->a = a; \
            f->i = 0; \
            return SUSPENDED; \
        } \
        return DONE(a ^ w->k); \
    }

struct level_frame {
    struct frame frame;
    long x, y;
};

#define LEVEL(p, d, below, attributes) \
    static NOINLINE struct result p##_##d##_resume(struct frame *frame, long r) \
    { \
        struct level_frame *f = (struct level_frame *)frame; \
        return finish(frame, r + f->y + (f->x ^ d)); \
    } \
    static attributes struct result p##_##d(struct work *w, long a) \
    { \
        long x = a * 3 + d, y = w->k ^ x; \
        struct result r = p##_##below(w, x); \
        if (UNLIKELY(r.suspended)) { \
            struct level_frame *f = capture(sizeof *f, p##_##d##_resume); \
            f->x = x; \
            f->y = y; \
            return SUSPENDED; \
        } \
        return DONE(r.value + y + (x ^ d)); \
    }
#define STATIC_LEVEL(p, d, below) LEVEL(p, d, below, )
#define SEPARATE_LEVEL(p, d, below) LEVEL(p, d, below, NOINLINE)

struct root_frame {
    struct frame frame;
    struct work *w;
    long n;
};

#define ROOT(name, top) \
    static NOINLINE struct result root_##name##_resume(struct frame *frame, long value) \
    { \
        struct root_frame *f = (struct root_frame *)frame; \
        struct work *w = f->w; \
        w->sum += value; \
        for (long n = f->n - 1; n > 0; n--) { \
            long a = n; \
            HIDE(a); \
            struct result r = top(w, a); \
            if (UNLIKELY(r.suspended)) { \
                f->n = n; \
                recapture_call(frame); \
                return SUSPENDED; \
            } \
            w->sum += r.value; \
        } \
        w->ended = 1; \
        return finish(frame, 0); \
    } \
    static struct result root_##name(void *opaque) \
    { \
        struct work *w = opaque; \
        for (long n = w->iters; n > 0; n--) { \
            long a = n; \
            HIDE(a); \
            struct result r = top(w, a); \
            if (UNLIKELY(r.suspended)) { \
                struct root_frame *f = capture(sizeof *f, root_##name##_resume); \
                f->w = w; \
                f->n = n; \
                return SUSPENDED; \
            } \
            w->sum += r.value; \
        } \
        w->ended = 1; \
        return DONE(0); \
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

/* ---- a cold yield, a buffer, many values ---------------------------------------------------- */

struct hot_frame {
    struct frame frame;
    struct work *w;
    long x, i;
};

static NOINLINE struct result hot_resume(struct frame *frame, long value)
{
    struct hot_frame *f = (struct hot_frame *)frame;
    struct work *w = f->w;
    long x = f->x;

    (void)value;
    for (long i = f->i + 1; i < LOOP; i++) {
        x = (x ^ (x >> 7)) + w->k;
        if (UNLIKELY(x == w->never)) {
            f->x = x;
            f->i = i;
            recapture_yield(frame);
            return SUSPENDED;
        }
    }
    return finish(frame, x);
}

static struct result hot_loop(struct work *w, long a)
{
    long x = a;

    for (long i = 0; i < LOOP; i++) {
        x = (x ^ (x >> 7)) + w->k;
        if (UNLIKELY(x == w->never)) {
            struct hot_frame *f = capture_first(sizeof *f, hot_resume);
            f->w = w;
            f->x = x;
            f->i = i;
            return SUSPENDED;
        }
    }
    return DONE(x);
}
ROOT(hot, hot_loop)

/* The buffer's address is known elsewhere, so the frame is there from the start. */
struct buffer_frame {
    struct frame frame;
    struct work *w;
    long i;
    char buffer[BUFFER];
};

static NOINLINE struct result buffer_resume(struct frame *frame, long value)
{
    struct buffer_frame *f = (struct buffer_frame *)frame;
    struct work *w = f->w;
    long i = f->i + 1;

    (void)value;
    if (i < w->yields) {
        f->i = i;
        recapture_yield(frame);
        return SUSPENDED;
    }
    return finish(frame, bench_read(f->buffer) ^ w->k);
}

#define BUFFERED(name, attributes) \
    static attributes struct result name(struct work *w, long a) \
    { \
        Coroutine *co = current; \
        char *sp = co->sp, *end = co->end; \
        struct buffer_frame *f = bump(co, sizeof *f); \
        bench_fill(f->buffer, a); \
        if (w->yields > 0) { \
            co = current; \
            open_batch(co, bump(co, sizeof(struct batch)), sp, end); \
            f->frame.resume = buffer_resume; \
            co->top = &f->frame; \
            co->tail = &f->frame.parent; \
            f->w = w; \
            f->i = 0; \
            return SUSPENDED; \
        } \
        long r = bench_read(f->buffer) ^ w->k; \
        co = current; \
        if (LIKELY(co->end == end)) { \
            co->sp = sp; \
        } else { \
            give_back(co, sp, end); \
        } \
        return DONE(r); \
    }
BUFFERED(static_buffer, )
ROOT(static_buffer, static_buffer)
BUFFERED(separate_buffer, NOINLINE)
ROOT(separate_buffer, separate_buffer)

#define EACH_VALUE(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) \
    X(13) X(14) X(15)
#define TAKE(i) long v##i = w->values[i] * (a + i);
#define KEEP(i) f->values[i] = v##i;
#define JOIN(i) + (v##i ^ (r + i))
#define JOIN_KEPT(i) + (f->values[i] ^ (r + i))

struct live_frame {
    struct frame frame;
    struct work *w;
    long i, values[LIVE];
};

static NOINLINE struct result live_resume(struct frame *frame, long value)
{
    struct live_frame *f = (struct live_frame *)frame;
    struct work *w = f->w;
    long i = f->i + 1;

    (void)value;
    if (i < w->yields) {
        f->i = i;
        recapture_yield(frame);
        return SUSPENDED;
    }
    long r = w->k;
    return finish(frame, r EACH_VALUE(JOIN_KEPT));
}

static struct result live_values(struct work *w, long a)
{
    EACH_VALUE(TAKE)

    if (w->yields > 0) {
        struct live_frame *f = capture_first(sizeof *f, live_resume);
        f->w = w;
        f->i = 0;
        EACH_VALUE(KEEP)
        return SUSPENDED;
    }
    long r = w->k;
    return DONE(r EACH_VALUE(JOIN));
}
ROOT(live, live_values)

typedef struct result entry_fn(void *opaque);

static entry_fn *const roots[N_ROOTS] = {
    root_s1, root_s3, root_s8, root_s32, root_n1, root_n3, root_n8, root_n32,
    root_hot, root_static_buffer, root_live, root_separate_buffer,
};

/* ---- life ----------------------------------------------------------------------------------- */

static NOINLINE Coroutine *coroutine_create(entry_fn *entry, void *opaque)
{
    Coroutine *co = pool;

    if (co) {
        pool = co->next;
    } else {
        co = malloc(sizeof *co);
    }
    co->top = NULL;
    co->entry = entry;
    co->opaque = opaque;
    co->sp = co->area;
    co->end = co->area + sizeof co->area;
    co->batch = NULL;
    return co;
}

static NOINLINE void coroutine_enter(Coroutine *co)
{
    Coroutine *caller = current;
    struct frame *top = co->top;
    struct result r;

    current = co;
    if (LIKELY(top != NULL)) {
        r = top->resume(top, 0);
    } else {
        r = co->entry(co->opaque);
        if (r.suspended) {
            *co->tail = (struct frame *)((uintptr_t)&bottom | 1);
        }
    }
    current = caller;
    if (!r.suspended) {
        co->next = pool;
        pool = co;
    }
}

static struct result empty(void *opaque)
{
    (void)opaque;
    return DONE(0);
}

static NOINLINE struct result once_resume(struct frame *frame, long value)
{
    (void)value;
    return finish(frame, 0);
}

static struct result once(void *opaque)
{
    (void)opaque;
    capture_first(sizeof(struct frame), once_resume);
    return SUSPENDED;
}

struct count_frame {
    struct frame frame;
    long *left;
};

static NOINLINE struct result count_down_resume(struct frame *frame, long value)
{
    long *left = ((struct count_frame *)frame)->left;

    (void)value;
    if (*left > 0) {
        --*left;
        recapture_yield(frame);
        return SUSPENDED;
    }
    return finish(frame, 0);
}

static struct result count_down(void *opaque)
{
    long *left = opaque;

    if (*left > 0) {
        --*left;
        struct count_frame *f = capture_first(sizeof *f, count_down_resume);
        f->left = left;
        return SUSPENDED;
    }
    return DONE(0);
}

static struct result nested(void *opaque)
{
    struct nest *nest = opaque;

    if (++nest->entered < nest->depth) {
        coroutine_enter(coroutine_create(nested, nest));
    }
    nest->returned++;
    return DONE(0);
}

#include "drive.h"
