/* The floor: the same work in plain C, where nothing can yield.  Its `suspend` rows do not exist. */
#include "bench.h"

#define coroutine_fn
typedef void CoroutineEntry(void *opaque);
typedef struct Coroutine {
    CoroutineEntry *entry;
    void *opaque;
} Coroutine;

static inline Coroutine *coroutine_create(CoroutineEntry *entry, void *opaque)
{
    static __thread Coroutine only;

    only = (Coroutine){ entry, opaque };
    HIDE(only.entry);
    return &only;
}

static inline void coroutine_enter(Coroutine *co)
{
    co->entry(co->opaque);
}

#define coroutine_yield bench_pause

#include "direct.h"
