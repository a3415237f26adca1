/* Coroutine objects: the fast path of co_pool.c, a push or a pop of the thread's own free list. */
#ifndef CO_POOL_H
#define CO_POOL_H

#include "co.h"

/* Objects that go between threads at once. */
#define CO_POOL_BATCH 64

/* What has been counted: in one thread, or sums. */
struct co_counts {
    uint64_t created;     /* coroutines */
    uint64_t chunk_bytes; /* taken less given back: the threads' sum is what there is */
};

/* Free memory of one thread; its exit gives all of it back once `limit` is not 0.  `full_at`
 * and `chunk_bytes` are atomic: written by the thread, read by any (co_stats.c). */
struct co_free_list {
    Coroutine *head;  /* linked by queue_next */
    uint64_t given;   /* counts up with the objects in the list */
    uint64_t full_at; /* counts up with each that is taken; the list is full when `given` is that */
    uint64_t limit;   /* objects of a full list; full_at less this is what the thread has created */
    Coroutine *spare; /* a whole batch, or NULL */
    void *chunk;      /* of co_frame.c, or NULL */
    uint64_t chunk_bytes; /* as in struct co_counts */
    struct co_free_list *next, *prev; /* of all registered threads; the pool's lock */
};

/* Hidden: a program exports its runtime, and the linker makes accesses of exported variables no
 * shorter. */
extern __thread struct co_free_list co_free_objects
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* Fills an empty list; fatal when memory is exhausted. */
__attribute__((noinline, cold)) void co_pool_refill(struct co_free_list *mine);

/* Makes room in a list that holds `limit` objects. */
__attribute__((noinline, cold)) void co_pool_spill(struct co_free_list *mine);

/* Makes sure that the thread's exit gives the list back. */
void co_pool_register(struct co_free_list *mine);

/* Adds to a counter that no other thread writes: no atomic operation, only stores that do not tear. */
static inline void co_count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

/* The sums over all threads, also those that have ended. */
struct co_counts co_pool_counts(void);

/* The sum of the n_yields of all objects, free ones too. */
uint64_t co_pool_yields(void);

/* The number of free objects. */
static inline uint64_t co_pool_count(const struct co_free_list *list)
{
    return list->given + list->limit - list->full_at;
}

/* A free object; NULL: co_pool_refill first. */
static inline Coroutine *co_pool_get(void)
{
    struct co_free_list *mine = &co_free_objects;
    Coroutine *co = mine->head;

    if (__builtin_expect(co != NULL, 1)) {
        mine->head = co->queue_next;
        co_count(&mine->full_at, 1);
    }
    return co;
}

static inline bool co_pool_is_full(void)
{
    return co_free_objects.given == co_free_objects.full_at;
}

/* Gives an object back, in any thread.  Requires: the list is not full. */
static inline void co_pool_push(Coroutine *co)
{
    struct co_free_list *mine = &co_free_objects;

    co->core.sp = NULL;
    co->queue_next = mine->head;
    mine->head = co;
    mine->given++;
}

/* The same for any list. */
static inline void co_pool_put(Coroutine *co)
{
    if (__builtin_expect(co_pool_is_full(), 0)) {
        co_pool_spill(&co_free_objects);
    }
    co_pool_push(co);
}

#endif
