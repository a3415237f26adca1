/* C++20 coroutines in their fastest form: a task starts at once (a call that does not wait costs no
 * suspension), its frame comes from a free list per size, and who waits is resumed by symmetric
 * transfer. */
#include "bench.h"

#include <coroutine>
#include <cstdlib>
#include <new>
#include <utility>

namespace {

/* ---- frames --------------------------------------------------------------------------------- */

struct free_block {
    free_block *next;
};
constexpr size_t UNIT = 32, LARGEST = 2048;
thread_local free_block *free_blocks[LARGEST / UNIT + 1];

inline void *frame_new(size_t size)
{
    size_t index = (size + UNIT - 1) / UNIT;

    if (index > LARGEST / UNIT) {
        return std::malloc(size);
    }
    free_block *block = free_blocks[index];
    if (LIKELY(block != nullptr)) {
        free_blocks[index] = block->next;
        return block;
    }
    return std::malloc(index * UNIT);
}

inline void frame_delete(void *memory, size_t size)
{
    size_t index = (size + UNIT - 1) / UNIT;

    if (index > LARGEST / UNIT) {
        std::free(memory);
        return;
    }
    auto *block = static_cast<free_block *>(memory);
    block->next = free_blocks[index];
    free_blocks[index] = block;
}

/* ---- tasks ---------------------------------------------------------------------------------- */

struct Coroutine {
    std::coroutine_handle<> top;
    Coroutine *caller;
    bool ended;
};
thread_local Coroutine *current;

struct promise_base {
    std::coroutine_handle<> parent;

    static void *operator new(size_t size) { return frame_new(size); }
    static void operator delete(void *memory, size_t size) { frame_delete(memory, size); }

    struct final_awaiter {
        bool await_ready() noexcept { return false; }
        template <typename P>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) noexcept
        {
            auto parent = self.promise().parent;
            return parent ? parent : std::noop_coroutine();
        }
        void await_resume() noexcept {}
    };

    std::suspend_never initial_suspend() noexcept { return {}; }
    final_awaiter final_suspend() noexcept { return {}; }
    void unhandled_exception() { std::abort(); }
};

struct task {
    struct promise_type : promise_base {
        long value;

        task get_return_object() { return task{ std::coroutine_handle<promise_type>::from_promise(*this) }; }
        void return_value(long v) { value = v; }
    };

    std::coroutine_handle<promise_type> self;

    explicit task(std::coroutine_handle<promise_type> h) : self(h) {}
    task(task &&other) noexcept : self(std::exchange(other.self, nullptr)) {}
    ~task()
    {
        if (self) {
            self.destroy();
        }
    }
    bool await_ready() noexcept { return self.done(); }
    void await_suspend(std::coroutine_handle<> parent) noexcept { self.promise().parent = parent; }
    long await_resume() noexcept { return self.promise().value; }
};

/* What a coroutine runs: its own frame ends with it. */
struct body {
    struct promise_type {
        static void *operator new(size_t size) { return frame_new(size); }
        static void operator delete(void *memory, size_t size) { frame_delete(memory, size); }
        body get_return_object() { return { std::coroutine_handle<promise_type>::from_promise(*this) }; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept
        {
            current->ended = true;
            return {};
        }
        void return_void() {}
        void unhandled_exception() { std::abort(); }
    };
    std::coroutine_handle<> self;
};

struct yield {
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) noexcept { current->top = self; }
    void await_resume() noexcept {}
};

typedef body entry_fn(void *opaque);

NOINLINE Coroutine *coroutine_create(entry_fn *entry, void *opaque)
{
    auto *co = static_cast<Coroutine *>(frame_new(sizeof(Coroutine)));

    co->top = entry(opaque).self;
    co->ended = false;
    return co;
}

NOINLINE void coroutine_enter(Coroutine *co)
{
    co->caller = current;
    current = co;
    co->top.resume();
    current = co->caller;
    if (co->ended) {
        frame_delete(co, sizeof(Coroutine));
    }
}

/* ---- the work: direct.h with co_await ------------------------------------------------------- */

#define LEAF(p, attributes) \
    attributes task p##_0(work *w, long a) \
    { \
        for (long i = 0; i < w->yields; i++) { \
            co_await yield(); \
        } \
        co_return a ^ w->k; \
    }
#define LEVEL(p, d, below, attributes) \
    attributes task p##_##d(work *w, long a) \
    { \
        long x = a * 3 + d, y = w->k ^ x; \
        long r = co_await p##_##below(w, x); \
        co_return r + y + (x ^ d); \
    }
#define STATIC_LEVEL(p, d, below) LEVEL(p, d, below, )
#define SEPARATE_LEVEL(p, d, below) LEVEL(p, d, below, NOINLINE)
#define ROOT(name, top) \
    body root_##name(void *opaque) \
    { \
        auto *w = static_cast<work *>(opaque); \
        for (long n = w->iters; n > 0; n--) { \
            long a = n; \
            HIDE(a); \
            w->sum += co_await top(w, a); \
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

task hot_loop(work *w, long a)
{
    long x = a;

    for (long i = 0; i < LOOP; i++) {
        x = (x ^ (x >> 7)) + w->k;
        if (UNLIKELY(x == w->never)) {
            co_await yield();
        }
    }
    co_return x;
}
ROOT(hot, hot_loop)

#define BUFFERED(name, attributes) \
    attributes task name(work *w, long a) \
    { \
        char buffer[BUFFER]; \
        bench_fill(buffer, a); \
        for (long i = 0; i < w->yields; i++) { \
            co_await yield(); \
        } \
        co_return bench_read(buffer) ^ w->k; \
    }
BUFFERED(static_buffer, )
ROOT(static_buffer, static_buffer)
BUFFERED(separate_buffer, NOINLINE)
ROOT(separate_buffer, separate_buffer)

#define EACH_VALUE(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) \
    X(13) X(14) X(15)
#define TAKE(i) long v##i = w->values[i] * (a + i);
#define JOIN(i) + (v##i ^ (r + i))

task live_values(work *w, long a)
{
    EACH_VALUE(TAKE)

    for (long i = 0; i < w->yields; i++) {
        co_await yield();
    }
    long r = w->k;
    co_return r EACH_VALUE(JOIN);
}
ROOT(live, live_values)

entry_fn *const roots[N_ROOTS] = {
    root_s1, root_s3, root_s8, root_s32, root_n1, root_n3, root_n8, root_n32,
    root_hot, root_static_buffer, root_live, root_separate_buffer,
};

body empty(void *)
{
    co_return;
}

body once(void *)
{
    co_await yield();
}

body count_down(void *opaque)
{
    long *left = static_cast<long *>(opaque);

    while (*left > 0) {
        --*left;
        co_await yield();
    }
}

body nested(void *opaque)
{
    auto *nest = static_cast<struct nest *>(opaque);

    if (++nest->entered < nest->depth) {
        coroutine_enter(coroutine_create(nested, nest));
    }
    nest->returned++;
    co_return;
}

} // namespace

#include "drive.h"
