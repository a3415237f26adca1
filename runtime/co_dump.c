/* co_dump: where every live coroutine stands, by its frames.
 *
 * A suspended coroutine has no stack; what a debugger's backtrace shows for a thread is, for a
 * coroutine, the chain of its frames.  Each frame begins with the address of its resume
 * function, the 4 bytes before which lead to a description with the place of each suspension
 * point.  Functions that came as C are found in the tables that their units registered (co_unit.c).
 *
 * Nothing is allocated and no lock is taken, so a handler of a signal or of a crash can do it.
 * Another thread may enter a coroutine while its frames are read: then what is read may be
 * anything, so pointers from it are followed by the kernel (process_vm_readv), which says no
 * where we would crash. */
#include "co.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define LINE_SIZE 512
#define NAME_SIZE 160
#define MAX_FRAMES 100000 /* a torn chain must not lead into an endless loop */
#define PAGE 4096

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
/* False when there is no memory at `from`.  Where the kernel refuses to look (seccomp), we do. */
static bool read_memory(void *to, const void *from, size_t size)
{
    struct iovec local = { to, size }, remote = { (void *)(uintptr_t)from, size };
    ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

    if (n < 0 && (errno == ENOSYS || errno == EPERM)) {
        memcpy(to, from, size);
        return true;
    }
    return n == (ssize_t)size;
}

/* A string, cut at NAME_SIZE; by pages, since the page behind its end may not exist. */
static bool read_string(char *to, const char *from)
{
    for (size_t done = 0; done < NAME_SIZE - 1;) {
        size_t part = PAGE - (uintptr_t)(from + done) % PAGE;
        part = part < NAME_SIZE - 1 - done ? part : NAME_SIZE - 1 - done;
        if (!read_memory(to + done, from + done, part)) {
            return false;
        }
        if (memchr(to + done, '\0', part)) {
            return true;
        }
        done += part;
    }
    to[NAME_SIZE - 1] = '\0';
    return true;
}

/* A backtrace that is being printed. */
struct walk {
    struct sink *sink;
    Coroutine *co;
    uint64_t n_yields; /* of co, when it began */
    unsigned n;        /* functions printed */
};

/* What a frame says of itself. */
struct view {
    struct co_frame header;
    const struct co_function *function;
    struct co_function copy; /* of *function */
    uint32_t state;          /* the number of the suspension point, from 1 */
};

static bool view_frame(struct view *view, const struct co_frame *frame)
{
    int32_t distance;

    if (!read_memory(&view->header, frame, sizeof view->header)) {
        return false;
    }
    view->function = co_unit_function(view->header.resume);
    if (!view->function) {
        const char *resume = (const char *)(void *)view->header.resume;
        if (!read_memory(&distance, resume - sizeof distance, sizeof distance)) {
            return false;
        }
        view->function = (const struct co_function *)(resume + distance);
    }
    view->state = 1;
    if (!read_memory(&view->copy, view->function, sizeof view->copy)) {
        return false;
    }
    const char *state = (const char *)frame + view->copy.state_offset;
    return !view->copy.state_offset || read_memory(&view->state, state, sizeof view->state);
}

/* Whether the coroutine has been suspended all the time, so that what was read is of one time. */
static bool still_suspended(const struct walk *walk)
{
    Coroutine *co = walk->co;

    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return !__atomic_load_n(&co->caller, __ATOMIC_RELAXED) &&
           __atomic_load_n(&co->core.sp, __ATOMIC_RELAXED) &&
           __atomic_load_n(&co->core.n_yields, __ATOMIC_RELAXED) == walk->n_yields;
}

/* Prints one function. */
static bool put_call(struct walk *walk, const char *name, const char *file, uint32_t line)
{
    char name_copy[NAME_SIZE], file_copy[NAME_SIZE];

    if (!read_string(name_copy, name) || !read_string(file_copy, file) || !still_suspended(walk)) {
        return false;
    }
    put(walk->sink, "  #%u %s at %s:%u\n", walk->n++, name_copy, file_copy, line);
    return true;
}

/* The functions whose bodies are part of the frame's, innermost first; then *line is the line in
 * the frame's own function. */
static bool put_inlined(struct walk *walk, const struct view *view, uint32_t *line)
{
    const char *part = (const char *)view->function + view->copy.inlined;
    size_t before = (view->copy.n_points * sizeof(uint32_t) + 7) & ~(size_t)7;
    const struct co_inlined *calls = (const struct co_inlined *)(part + before);
    struct co_inlined call;
    uint32_t number;

    if (!read_memory(&number, part + (view->state - 1) * sizeof number, sizeof number)) {
        return false;
    }
    while (number && walk->n < MAX_FRAMES) {
        if (!read_memory(&call, &calls[number - 1], sizeof call) ||
            !put_call(walk, call.name, call.file, *line)) {
            return false;
        }
        *line = call.line;
        number = call.caller;
    }
    return true;
}

static bool put_frame(struct walk *walk, const struct view *view)
{
    struct co_point point = { 0, 0 };

    if (view->state >= 1 && view->state <= view->copy.n_points) {
        if (!read_memory(&point, &view->function->points[view->state - 1], sizeof point) ||
            (view->copy.inlined && !put_inlined(walk, view, &point.line))) {
            return false;
        }
    }
    return put_call(walk, view->copy.name, view->copy.file, point.line);
}

static void dump_frames(struct sink *sink, Coroutine *co)
{
    struct walk walk = { .sink = sink, .co = co };
    struct view view;

    walk.n_yields = __atomic_load_n(&co->core.n_yields, __ATOMIC_ACQUIRE);
    const struct co_frame *frame = __atomic_load_n(&co->core.top, __ATOMIC_RELAXED);
    while (frame && frame != &co_bottom && walk.n < MAX_FRAMES) {
        if (!view_frame(&view, frame) || !put_frame(&walk, &view)) {
            put(sink, still_suspended(&walk) ? "  (its frames are damaged)\n"
                                             : "  (it runs again)\n");
            return;
        }
        frame = (const struct co_frame *)((uintptr_t)view.header.parent & ~CO_BATCH_END);
    }
}
#else
static void dump_frames(struct sink *sink, Coroutine *co)
{
    (void)co;
    put(sink, "  (on a stack of its own)\n");
}
#endif

static void dump_one(Coroutine *co, void *opaque)
{
    struct sink *sink = opaque;
    const char *scheduled = __atomic_load_n(&co->scheduled, __ATOMIC_ACQUIRE);

    sink->n_live++;
    if (__atomic_load_n(&co->caller, __ATOMIC_RELAXED)) {
        put(sink, "coroutine %p: running\n", (void *)co);
    } else if (!__atomic_load_n(&co->core.top, __ATOMIC_RELAXED) &&
               !__atomic_load_n(&co->core.base, __ATOMIC_RELAXED)) {
        put(sink, "coroutine %p: not started\n", (void *)co);
    } else {
        put(sink, "coroutine %p: suspended%s%s\n", (void *)co, scheduled ? " in " : "",
            scheduled ? scheduled : "");
        dump_frames(sink, co);
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

static void on_signal(int signal_number)
{
    int saved = errno;

    (void)signal_number;
    co_dump_fd(STDERR_FILENO);
    errno = saved;
}

int co_dump_on_signal(int signal_number)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    return sigaction(signal_number, &action, NULL) < 0 ? -errno : 0;
}
