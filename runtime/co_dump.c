/* co_dump: where every live coroutine stands, by its frames.
 *
 * A suspended coroutine has no stack; what a debugger's backtrace shows for a thread is, for a
 * coroutine, the chain of its frames.  Each frame begins with the address of its resume
 * function, the 4 bytes before which lead to a description with the place of each suspension
 * point. Functions that came as C are found in the tables that their units registered.
 *
 * Nothing is allocated and no lock is taken, so co_dump_fd can be called by a handler of a
 * crash. */
#include "co.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 512
#define MAX_FRAMES 100000 /* a torn chain must not lead into an endless loop */

static struct co_unit *units; /* changes under units_lock, and is read at any time */
static pthread_mutex_t units_lock = PTHREAD_MUTEX_INITIALIZER;

void co_describe(struct co_unit *unit)
{
    pthread_mutex_lock(&units_lock);
    unit->next = units;
    __atomic_store_n(&units, unit, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&units_lock);
}

void co_forget(struct co_unit *unit)
{
    struct co_unit **at = &units;

    pthread_mutex_lock(&units_lock);
    while (*at && *at != unit) {
        at = &(*at)->next;
    }
    if (*at) {
        __atomic_store_n(at, unit->next, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&units_lock);
}

struct sink {
    FILE *file; /* NULL: fd */
    int fd;
    unsigned n_live;
};

static __attribute__((format(printf, 2, 3))) void put(struct sink *sink, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0) {
        return;
    }
    size_t size = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    if (sink->file) {
        fwrite(line, 1, size, sink->file);
        return;
    }
    for (size_t done = 0; done < size;) {
        ssize_t written = write(sink->fd, line + done, size - done);
        if (written <= 0) {
            return;
        }
        done += (size_t)written;
    }
}

#ifdef __CPC__
static const struct co_function *function_of(const struct co_frame *frame)
{
    const char *resume = (const char *)(void *)frame->resume;
    int32_t distance;

    for (struct co_unit *u = __atomic_load_n(&units, __ATOMIC_ACQUIRE); u; u = u->next) {
        for (uint64_t i = 0; i < u->n_functions; i++) {
            if (u->functions[i].resume == frame->resume) {
                return u->functions[i].function;
            }
        }
    }
    memcpy(&distance, resume - sizeof distance, sizeof distance);
    return (const struct co_function *)(resume + distance);
}

/* The suspension point in `state`, which counts from 1; NULL when the frame is not one. */
static const struct co_point *point_of(const struct co_frame *frame,
                                       const struct co_function *function)
{
    uint32_t state = 1;

    if (function->state_offset) {
        memcpy(&state, (const char *)frame + function->state_offset, sizeof state);
    }
    return state >= 1 && state <= function->n_points ? &function->points[state - 1] : NULL;
}

/* The calls of other functions that are part of `function`, innermost first from the one that the
 * point belongs to.  Prints them as frames from number i on, updates i, and returns the line in
 * `function` itself. */
static uint32_t dump_inlined(struct sink *sink, const struct co_function *function,
                             const struct co_point *point, unsigned *i)
{
    uint32_t line = point->line;

    if (!function->inlined) {
        return line;
    }
    const char *part = (const char *)function + function->inlined;
    size_t before = (function->n_points * sizeof(uint32_t) + 7) & ~(size_t)7;
    const struct co_inlined *calls = (const struct co_inlined *)(part + before);
    uint32_t number = ((const uint32_t *)part)[point - function->points];
    while (number) {
        const struct co_inlined *call = &calls[number - 1];
        put(sink, "  #%u %s at %s:%u\n", (*i)++, call->name, call->file, line);
        line = call->line;
        number = call->caller;
    }
    return line;
}

static void dump_frames(struct sink *sink, const struct co_frame *frame)
{
    for (unsigned i = 0; frame && frame != &co_bottom && i < MAX_FRAMES; i++) {
        const struct co_function *function = function_of(frame);
        const struct co_point *point = point_of(frame, function);
        uint32_t line = point ? dump_inlined(sink, function, point, &i) : 0;
        put(sink, "  #%u %s at %s:%u\n", i, function->name, function->file, line);
        frame = (const struct co_frame *)((uintptr_t)frame->parent & ~CO_BATCH_END);
    }
}
#else
static void dump_frames(struct sink *sink, const struct co_frame *frame)
{
    (void)frame;
    put(sink, "  (on a stack of its own)\n");
}
#endif

static void dump_one(Coroutine *co, void *opaque)
{
    struct sink *sink = opaque;
    const char *scheduled = __atomic_load_n(&co->scheduled, __ATOMIC_ACQUIRE);

    sink->n_live++;
    if (co->caller) {
        put(sink, "coroutine %p: running\n", (void *)co);
    } else if (!co->core.top && !co->core.base) {
        put(sink, "coroutine %p: not started\n", (void *)co);
    } else {
        put(sink, "coroutine %p: suspended%s%s\n", (void *)co, scheduled ? " in " : "",
            scheduled ? scheduled : "");
        dump_frames(sink, co->core.top);
    }
}

static void dump(struct sink *sink)
{
    co_pool_visit(dump_one, sink);
    put(sink, "%u live coroutines\n", sink->n_live);
}

void co_dump(FILE *out)
{
    struct sink sink = { .file = out };

    dump(&sink);
    fflush(out);
}

void co_dump_fd(int fd)
{
    struct sink sink = { .fd = fd };

    dump(&sink);
}
