/* What a coroutine is in memory: the one statement in C of the ABI between compiled code and the
 * runtime (cpc/backend/abi.py is the one in Python; a test compares the offsets).
 *
 * A coroutine function is compiled to a ramp, an ordinary function that also returns whether it
 * suspended. Only when the innermost function yields does every function on the way out save its
 * live variables in a frame, in the coroutine's own area, and return "suspended".  The frames
 * are linked innermost first, so the next enter calls the innermost resume function directly, at
 * any depth; a resumed function that returns calls its parent's resume function as a tail call.
 *
 * The frames captured by one suspension are a batch.  A batch is bumped upwards in the area and
 * given back as a whole when its outermost frame returns; the link that leaves it has tag bit 0
 * set.  Batches nest. When the area is full the bumping goes on in chunks from the heap
 * (co_frame.c).
 *
 * Rejected: a frame per activation from malloc or a free list (measured: twice the time at depth
 * 32), and a trampoline loop in enter (a mispredicted indirect call more per level). */
#ifndef CO_H
#define CO_H

#include <cpc/co_inspect.h>
#include <qemu/coroutine.h>

/* What a ramp and a resume function return: rax and rdx.  `tail` is NULL when the function has
 * returned `value`.  Else it was suspended: from a ramp, `value` is the new core.sp and `tail` is
 * where the next frame is linked; from a resume function there is nothing to be done, or, if a
 * compiler without tail calls made it (--emit c) and `tail` is CO_GO_ON, its parent, which it left
 * in core.top, is to be resumed with `value`. */
struct co_ret {
    uint64_t value;
    struct co_frame **tail;
};

#define CO_GO_ON ((struct co_frame **)2)

struct co_frame {
    struct co_ret (*resume)(struct co_frame *frame, uint64_t value);
    struct co_frame *parent; /* next one outwards, | CO_BATCH_END on the outermost of a batch */
};

#define CO_BATCH_END ((uintptr_t)1)

/* The frame of a function that may be resumed and then call what suspends: a batch can hang on
 * it, and this is where it begins. */
struct co_base_frame {
    struct co_frame frame;
    char *sp;
};

/* First member of struct Coroutine; the offsets are ABI.  What a coroutine's end uses comes last, next
 * to the fields of struct Coroutine that it uses: fewer cache lines. */
struct co_core {
    char *end;            /*  0 of the free space, which begins at sp */
    uint64_t n_yields;    /*  8 atomic: of all coroutines that this object has been */
    char *mark;           /* 16 sp when the running frame was entered or returned to */
    struct co_frame *top; /* 24 innermost frame, entered next; NULL before the first enter */
    char *sp;             /* 32 */
    char *base;           /* 40 first object of the current chunk, NULL in the own area */
};

/* Whether a place in one of the chunks, or in the own area, is in the innermost. */
static inline bool co_is_innermost(const struct co_core *core, const char *place)
{
    return (uintptr_t)place - (uintptr_t)core->base <= (uintptr_t)core->end - (uintptr_t)core->base;
}

/* The running coroutine.  Never NULL: outside coroutines it is co_none, whose area is empty, so
 * that the first bump lands in co_more, which reports it. */
extern __thread struct co_core *co_current __attribute__((tls_model("initial-exec")));
extern struct co_core co_none;

/* Outermost parent of all: returns (value, not suspended) to enter. */
extern struct co_frame co_bottom;

/* What a frame whose batch reached into chunks is left for: its resume function closes them and
 * goes on with the frame that core.mark holds. */
extern struct co_frame co_dropping;

/* Describes a coroutine function to co_dump; reached from its resume function (co_function_of). */
struct co_point {
    uint32_t line, column;
};
/* A call whose callee's body is part of the function: who was called, and where. */
struct co_inlined {
    const char *name, *file;
    uint32_t line, column; /* of the call, which stands in the body of the call numbered */
    uint32_t caller;       /* `caller`, counted from 1, or in the function itself (0) */
    uint32_t unused;
};
struct co_function {
    const char *name, *file;
    uint32_t frame_size;
    uint32_t state_offset; /* of the uint32_t state in the frame; 0: one point, no state */
    uint32_t n_points;
    uint32_t inlined; /* 0, or the offset of: uint32_t numbers[n_points] of the calls that the
                       * points belong to, and, 8-aligned behind it, struct co_inlined calls[] */
    struct co_point points[];
};

/* The descriptions of a unit that came as C (cpc_portable.h), which cannot put them in front of its
 * functions.  A constructor of the unit registers them, a destructor takes them back. */
struct co_described {
    struct co_ret (*resume)(struct co_frame *frame, uint64_t value);
    const struct co_function *function;
};
struct co_unit {
    struct co_unit *next;
    const struct co_described *functions;
    uint64_t n_functions;
};

/* Bytes of the own area: frames of four or five small functions. */
#define CO_AREA_SIZE 176

/* One coroutine, 272 bytes, from a slab (co_pool.c).  Changes only in the thread that runs it,
 * except `scheduled` (atomic) and `queue_next`, which belongs to the queue named by
 * `scheduled`.  While it is free, core.sp, core.base, caller, scheduled, woken and locks_held are 0,
 * and core.end that of the own area. */
struct Coroutine {
    struct co_core core;    /* core.sp is NULL: not live */
    Coroutine *caller;      /* who entered it (co_none: a plain function); NULL: suspended */
    Coroutine *queue_next;  /* link in the queue that `scheduled` names, or in the free list */
    Coroutine *woken;       /* to be entered when this one yields: the last of a circular list */
    uint32_t locks_held;    /* CoMutexes and CoRwlocks */
    uint32_t unused;
    const char *scheduled;  /* the queue it is linked in, by its function's name; NULL: none */
    AioContext *ctx;        /* where it was entered last */
    union {
        struct { /* until the first enter: core.top is NULL */
            CoroutineEntry *entry;
            void *arg;
        };
        char area[CO_AREA_SIZE];
    };
};

/* ---- between the runtime's files ------------------------------------------------------------ */

/* Calls visit for every live coroutine, newest slab first.  Objects are never unmapped, so this
 * is safe while other threads run; what they change meanwhile may be seen half. */
void co_pool_visit(void (*visit)(Coroutine *co, void *opaque), void *opaque);

/* The AioContext whose home is this thread, or NULL (loop.c sets it). */
extern __thread AioContext *co_context __attribute__((tls_model("initial-exec")));

/* Says that co waits to be entered by the function `where` and nobody else; fatal when it waits
 * already. Its queue_next belongs to `where` until co_set_unscheduled.  co runs in this thread
 * or is suspended. */
void co_set_scheduled(Coroutine *co, const char *where);
void co_set_unscheduled(Coroutine *co);

/* Appends to and takes from a circular list through queue_next; *last is NULL when it is empty. */
void co_list_append(Coroutine **last, Coroutine *co);
Coroutine *co_list_take_first(Coroutine **last);

/* Makes `co`, which is in no queue, run after the calling coroutine yields or ends. */
void co_wake_after_self(Coroutine *co);

/* co_frame.c: called by compiled code when the area is full, when the frame that opened a chunk is
 * popped, and when a batch has reached into new chunks; co_close_chunks when a coroutine ends. */
#ifdef __CPC__
#define CO_COLD __attribute__((preserve_most, cold, noinline))
#else
#define CO_COLD __attribute__((cold, noinline))
#endif
CO_COLD void *co_more(struct co_core *core, size_t size, size_t align);
CO_COLD void co_chunk_pop(void);
CO_COLD void co_settle(void);
void co_close_chunks(struct co_core *core);

/* One line on stderr, then abort(). */
void co_fatal(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Adds and removes the descriptions of a unit; in any thread. */
void co_describe(struct co_unit *unit);
void co_forget(struct co_unit *unit);

/* The description of a function by its resume function; NULL when no unit registered it. */
const struct co_function *co_unit_function(struct co_ret (*resume)(struct co_frame *, uint64_t));

#endif
