/* Memory of coroutine objects: slabs cut into objects, a free list per thread, a depot between
 * threads.
 *
 * Objects come from 64 KiB slabs that are never given back, so that co_dump can visit every
 * object at any time without a list of live ones: creating and ending a coroutine costs a push
 * and a pop of the thread's own free list and no atomic operation.  A coroutine may end in
 * another thread than created it: a list that has grown by two batches passes one to the depot,
 * and an empty one takes a batch from there, so the objects of a producer and a consumer thread
 * circulate.
 *
 * Rejected: free() of idle objects (the high-water mark of a VMM's request count is small and
 * recurs). */
#include "co_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLAB_SIZE 65536

struct slab {
    struct slab *next;  /* constant once published */
    unsigned long n_cut; /* atomic: objects handed out at least once */
    Coroutine objects[(SLAB_SIZE - 2 * sizeof(long)) / sizeof(Coroutine)];
};

#define SLAB_OBJECTS (sizeof(((struct slab *)0)->objects) / sizeof(Coroutine))

__thread struct co_free_list co_free_objects;

static pthread_mutex_t depot_lock = PTHREAD_MUTEX_INITIALIZER;
static Coroutine *depot;       /* batches, linked by `woken`; depot_lock */
static struct slab *slabs;     /* newest first; pushed under depot_lock, read without */
static struct co_free_list *threads; /* all registered; depot_lock */
static struct co_counts ended_threads; /* sums; depot_lock */
static pthread_key_t exit_key; /* its destructor is depot_take_back */
static pthread_once_t exit_once = PTHREAD_ONCE_INIT;

static void depot_push(Coroutine *batch)
{
    if (batch) {
        pthread_mutex_lock(&depot_lock);
        batch->woken = depot;
        depot = batch;
        pthread_mutex_unlock(&depot_lock);
    }
}

static void add_counts(struct co_counts *sum, const struct co_free_list *more)
{
    sum->created += __atomic_load_n(&more->full_at, __ATOMIC_RELAXED) - more->limit;
    sum->chunk_bytes += __atomic_load_n(&more->chunk_bytes, __ATOMIC_RELAXED);
}

struct co_counts co_pool_counts(void)
{
    pthread_mutex_lock(&depot_lock);
    struct co_counts sum = ended_threads;
    for (const struct co_free_list *thread = threads; thread; thread = thread->next) {
        add_counts(&sum, thread);
    }
    pthread_mutex_unlock(&depot_lock);
    return sum;
}

static void forget_thread(struct co_free_list *mine)
{
    pthread_mutex_lock(&depot_lock);
    add_counts(&ended_threads, mine);
    if (mine->next) {
        mine->next->prev = mine->prev;
    }
    if (mine->prev) {
        mine->prev->next = mine->next;
    } else {
        threads = mine->next;
    }
    pthread_mutex_unlock(&depot_lock);
}

/* A thread ends: its free objects go to the depot (batches there may be of any size). */
static void depot_take_back(void *list)
{
    struct co_free_list *mine = list;

    depot_push(mine->head);
    depot_push(mine->spare);
    free(mine->chunk);
    forget_thread(mine);
    *mine = (struct co_free_list){ 0 };
}

static void make_exit_key(void)
{
    if (pthread_key_create(&exit_key, depot_take_back) != 0) {
        co_fatal("coroutine pool: no thread key left");
    }
}

void co_pool_register(struct co_free_list *mine)
{
    if (mine->limit == 0) {
        pthread_once(&exit_once, make_exit_key);
        pthread_setspecific(exit_key, mine);
        mine->limit = CO_POOL_BATCH;
        co_count(&mine->full_at, CO_POOL_BATCH);
        pthread_mutex_lock(&depot_lock);
        mine->next = threads;
        if (threads) {
            threads->prev = mine;
        }
        threads = mine;
        pthread_mutex_unlock(&depot_lock);
    }
}

/* Cuts up to CO_POOL_BATCH fresh objects from the newest slab.  Requires depot_lock. */
static Coroutine *cut_batch(void)
{
    struct slab *slab = slabs;
    Coroutine *batch = NULL;
    unsigned long n = slab ? slab->n_cut : SLAB_OBJECTS;

    if (n == SLAB_OBJECTS) {
        slab = aligned_alloc(64, SLAB_SIZE);
        if (!slab) {
            co_fatal("out of memory for coroutines");
        }
        slab->next = slabs;
        slab->n_cut = n = 0;
        __atomic_store_n(&slabs, slab, __ATOMIC_RELEASE);
    }
    unsigned long stop = n + CO_POOL_BATCH < SLAB_OBJECTS ? n + CO_POOL_BATCH : SLAB_OBJECTS;
    for (unsigned long i = stop; i-- > n;) {
        Coroutine *co = &slab->objects[i];
        memset(co, 0, offsetof(Coroutine, area));
        co->core.end = co->area + CO_AREA_SIZE;
        co->queue_next = batch;
        batch = co;
    }
    __atomic_store_n(&slab->n_cut, stop, __ATOMIC_RELEASE);
    return batch;
}

void co_pool_refill(struct co_free_list *mine)
{
    if (mine->spare) {
        mine->head = mine->spare;
        mine->spare = NULL;
    } else {
        pthread_mutex_lock(&depot_lock);
        Coroutine *batch = depot;
        if (batch) {
            depot = batch->woken;
        } else {
            batch = cut_batch();
        }
        pthread_mutex_unlock(&depot_lock);
        mine->head = batch;
    }
    mine->given = mine->full_at - mine->limit;
    mine->head->woken = NULL;
    for (Coroutine *co = mine->head; co; co = co->queue_next) {
        mine->given++;
    }
    co_pool_register(mine);
}

/* A whole batch becomes the spare, and the spare before it goes to the depot. */
void co_pool_spill(struct co_free_list *mine)
{
    if (co_pool_count(mine) < CO_POOL_BATCH) { /* the thread's first */
        co_pool_register(mine);
        return;
    }
    depot_push(mine->spare);
    mine->spare = mine->head;
    mine->head = NULL;
    mine->given = mine->full_at - mine->limit;
}

uint64_t co_pool_yields(void)
{
    struct slab *slab = __atomic_load_n(&slabs, __ATOMIC_ACQUIRE);
    uint64_t sum = 0;

    for (; slab; slab = slab->next) {
        unsigned long n = __atomic_load_n(&slab->n_cut, __ATOMIC_ACQUIRE);
        for (unsigned long i = 0; i < n; i++) {
            sum += __atomic_load_n(&slab->objects[i].core.n_yields, __ATOMIC_RELAXED);
        }
    }
    return sum;
}

void co_pool_visit(void (*visit)(Coroutine *co, void *opaque), void *opaque)
{
    struct slab *slab = __atomic_load_n(&slabs, __ATOMIC_ACQUIRE);

    for (; slab; slab = slab->next) {
        unsigned long n = __atomic_load_n(&slab->n_cut, __ATOMIC_ACQUIRE);
        for (unsigned long i = 0; i < n; i++) {
            if (__atomic_load_n(&slab->objects[i].core.sp, __ATOMIC_RELAXED)) {
                visit(&slab->objects[i], opaque);
            }
        }
    }
}

/* ---- QEMU's hints ---- */

static unsigned hints; /* atomic */

void qemu_coroutine_inc_pool_size(unsigned int additional_pool_size)
{
    __atomic_fetch_add(&hints, additional_pool_size, __ATOMIC_RELAXED);
}

void qemu_coroutine_dec_pool_size(unsigned int removing_pool_size)
{
    unsigned before = __atomic_fetch_sub(&hints, removing_pool_size, __ATOMIC_RELAXED);

    if (before < removing_pool_size) {
        co_fatal("qemu_coroutine_dec_pool_size: %u taken back of %u", removing_pool_size, before);
    }
}
