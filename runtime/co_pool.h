/* Coroutine objects: the fast path of co_pool.c, a push or a pop of the thread's own free list. */
#ifndef CO_POOL_H
#define CO_POOL_H

#include "co.h"

/* Objects that go between threads at once. */
#define CO_POOL_BATCH 64

/* Free memory of one thread; its exit gives all of it back once `limit` is not 0. */
struct co_free_list {
    Coroutine *head; /* linked by queue_next */
    unsigned count, limit;
    Coroutine *spare; /* a whole batch, or NULL */
    void *chunk;      /* of co_frame.c, or NULL */
};

extern __thread struct co_free_list co_free_objects __attribute__((tls_model("initial-exec")));

/* Fills an empty list. */
__attribute__((noinline, cold)) void co_pool_refill(struct co_free_list *mine);

/* Makes room in a list that holds `limit` objects. */
__attribute__((noinline, cold)) void co_pool_spill(struct co_free_list *mine);

/* Makes sure that the thread's exit gives the list back. */
void co_pool_register(struct co_free_list *mine);

/* An object as struct Coroutine says of free ones; fatal when memory is exhausted. */
static inline Coroutine *co_pool_get(void)
{
    struct co_free_list *mine = &co_free_objects;

    if (__builtin_expect(!mine->head, 0)) {
        co_pool_refill(mine);
    }
    Coroutine *co = mine->head;
    mine->head = co->queue_next;
    mine->count--;
    return co;
}

/* Gives an object back, in any thread. */
static inline void co_pool_put(Coroutine *co)
{
    struct co_free_list *mine = &co_free_objects;

    co->entry = NULL;
    if (__builtin_expect(mine->count >= mine->limit, 0)) {
        co_pool_spill(mine);
    }
    co->queue_next = mine->head;
    mine->head = co;
    mine->count++;
}

#endif
