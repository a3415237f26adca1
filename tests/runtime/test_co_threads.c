/* Four threads with a loop each, and coroutines that fight over locks, queues and budgets, move
 * between the threads and wake each other.  Data that a lock protects is changed without atomics.
 *
 * CPC_OPERATIONS says how many operations each test makes in all. */
#include "test.h"

#include "co.h"
#include "loop.h"

#include <block/thread-pool.h>
#include <pthread.h>
#include <qemu/co-shared-resource.h>
#include <qemu/lockable.h>
#include <semaphore.h>

#define N_THREADS 4
#define N_COROUTINES 16 /* in each thread */
#define N_ALL (N_THREADS * N_COROUTINES)

static AioContext *contexts[N_THREADS];
static sem_t all_done;
static int left; /* atomic: coroutines that have not ended */

static long operations(void)
{
    const char *text = getenv("CPC_OPERATIONS");

    return text ? atol(text) : 100000;
}

static long rounds(void)
{
    return operations() / N_ALL + 1;
}

/* A sequence of its own for each coroutine. */
static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

static void *run_thread(void *opaque)
{
    AioContext *ctx = opaque;

    loop_run(ctx);
    loop_free(ctx);
    return NULL;
}

static void coroutine_fn ended(void)
{
    if (__atomic_sub_fetch(&left, 1, __ATOMIC_ACQ_REL) == 0) {
        sem_post(&all_done);
    }
}

/* Runs `entry` in N_ALL coroutines, with its number, until all have called ended(). */
static void run_everywhere(CoroutineEntry *entry)
{
    pthread_t threads[N_THREADS];

    sem_init(&all_done, 0, 0);
    left = N_ALL;
    for (int i = 0; i < N_THREADS; i++) {
        CHECK_EQ(loop_new(&contexts[i]), 0);
    }
    for (int i = 0; i < N_THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, run_thread, contexts[i]) == 0);
    }
    for (long i = 0; i < N_ALL; i++) {
        aio_co_schedule(contexts[i % N_THREADS], qemu_coroutine_create(entry, (void *)i));
    }
    while (sem_wait(&all_done) != 0) {
    }
    for (int i = 0; i < N_THREADS; i++) {
        loop_stop(contexts[i]);
    }
    for (int i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    sem_destroy(&all_done);
}

/* ---- CoMutex ---- */

static CoMutex mutex;
static long counter;
static int inside;

static void coroutine_fn contend(void *opaque)
{
    unsigned random = (unsigned)(long)opaque;
    AioContext *home = qemu_get_current_aio_context();

    for (long i = rounds(); i > 0; i--) {
        qemu_co_mutex_lock(&mutex);
        CHECK_EQ(inside++, 0);
        counter++;
        if (next_random(&random) % 64 == 0) {
            co_sleep_ns(0); /* with the lock */
        }
        CHECK_EQ(--inside, 0);
        qemu_co_mutex_unlock(&mutex);
        CHECK(qemu_get_current_aio_context() == home);
        if (next_random(&random) % 64 == 0) {
            co_sleep_ns(0);
        }
    }
    ended();
}

static void test_mutex(void)
{
    qemu_co_mutex_init(&mutex);
    counter = 0;
    run_everywhere(contend);
    CHECK_EQ(counter, rounds() * N_ALL);
    CHECK_EQ(mutex.state, 0);
}

/* Who holds the lock goes to another thread with it. */
static void coroutine_fn contend_and_move(void *opaque)
{
    unsigned random = (unsigned)(long)opaque;

    for (long i = rounds() / 4 + 1; i > 0; i--) {
        qemu_co_mutex_lock(&mutex);
        CHECK_EQ(inside++, 0);
        counter++;
        AioContext *to = contexts[next_random(&random) % N_THREADS];
        aio_co_reschedule_self(to);
        CHECK(qemu_get_current_aio_context() == to);
        CHECK_EQ(--inside, 0);
        qemu_co_mutex_unlock(&mutex);
    }
    ended();
}

static void test_mutex_moves(void)
{
    qemu_co_mutex_init(&mutex);
    counter = 0;
    run_everywhere(contend_and_move);
    CHECK_EQ(counter, (rounds() / 4 + 1) * N_ALL);
    CHECK_EQ(mutex.state, 0);
}

/* ---- CoRwlock ---- */

static CoRwlock rwlock;
static long first, second; /* equal outside a writer */
static int readers;        /* atomic */

static void coroutine_fn read_pair(bool moves, unsigned *random)
{
    __atomic_add_fetch(&readers, 1, __ATOMIC_RELAXED);
    long seen = first;
    if (moves) {
        aio_co_reschedule_self(contexts[next_random(random) % N_THREADS]);
    }
    CHECK_EQ(seen, first);
    CHECK_EQ(first, second);
    __atomic_sub_fetch(&readers, 1, __ATOMIC_RELAXED);
}

static void write_pair(void)
{
    CHECK_EQ(__atomic_load_n(&readers, __ATOMIC_RELAXED), 0);
    first++;
    CHECK_EQ(first, second + 1);
    second++;
}

static void coroutine_fn read_and_write(void *opaque)
{
    unsigned random = (unsigned)(long)opaque;

    for (long i = rounds() / 2 + 1; i > 0; i--) {
        unsigned what = next_random(&random) % 32;
        if (what < 20) {
            qemu_co_rwlock_rdlock(&rwlock);
            read_pair(what == 0, &random);
        } else if (what < 26) {
            qemu_co_rwlock_wrlock(&rwlock);
            write_pair();
        } else if (what < 29) {
            qemu_co_rwlock_rdlock(&rwlock);
            read_pair(false, &random);
            qemu_co_rwlock_upgrade(&rwlock);
            write_pair();
        } else {
            qemu_co_rwlock_wrlock(&rwlock);
            write_pair();
            qemu_co_rwlock_downgrade(&rwlock);
            read_pair(what == 31, &random);
        }
        qemu_co_rwlock_unlock(&rwlock);
    }
    CHECK_EQ(qemu_coroutine_self()->locks_held, 0);
    ended();
}

static void test_rwlock(void)
{
    qemu_co_rwlock_init(&rwlock);
    run_everywhere(read_and_write);
    CHECK(first == second && first > 0 && readers == 0);
    CHECK(rwlock.owners == 0 && !rwlock.last && rwlock.mutex.state == 0);
}

/* ---- CoQueue: a bounded buffer under a CoMutex, another under a QemuMutex ---- */

#define ROOM 4

static struct buffer {
    CoMutex co_mutex;
    QemuMutex mutex;
    CoQueue not_full, not_empty;
    long items[ROOM];
    int n;
} buffer;

static long sum_put, sum_taken; /* atomic */

static void coroutine_fn put_item(long item)
{
    QEMU_LOCK_GUARD(&buffer.co_mutex);
    while (buffer.n == ROOM) {
        qemu_co_queue_wait(&buffer.not_full, &buffer.co_mutex);
    }
    buffer.items[buffer.n++] = item;
    qemu_co_queue_next(&buffer.not_empty);
}

static long coroutine_fn take_item(void)
{
    QEMU_LOCK_GUARD(&buffer.co_mutex);
    while (buffer.n == 0) {
        qemu_co_queue_wait(&buffer.not_empty, &buffer.co_mutex);
    }
    long item = buffer.items[--buffer.n];
    qemu_co_queue_next(&buffer.not_full);
    return item;
}

static void coroutine_fn put_item_plain(long item)
{
    qemu_mutex_lock(&buffer.mutex);
    while (buffer.n == ROOM) {
        qemu_co_queue_wait_flags(&buffer.not_full, &buffer.mutex, CO_QUEUE_WAIT_FRONT);
    }
    buffer.items[buffer.n++] = item;
    qemu_co_queue_next(&buffer.not_empty);
    qemu_mutex_unlock(&buffer.mutex);
}

static long coroutine_fn take_item_plain(void)
{
    qemu_mutex_lock(&buffer.mutex);
    while (buffer.n == 0) {
        qemu_co_queue_wait(&buffer.not_empty, &buffer.mutex);
    }
    long item = buffer.items[--buffer.n];
    qemu_co_queue_restart_all(&buffer.not_full);
    qemu_mutex_unlock(&buffer.mutex);
    return item;
}

/* Half of the coroutines of each thread put, half take. */
static void coroutine_fn use_buffer(void *opaque)
{
    long number = (long)opaque, sum = 0;

    for (long i = rounds() / 2 + 1; i > 0; i--) {
        if (number / N_THREADS % 2) {
            put_item(number * 1000 + i);
            sum += number * 1000 + i;
        } else {
            sum += take_item();
        }
    }
    __atomic_add_fetch(number / N_THREADS % 2 ? &sum_put : &sum_taken, sum, __ATOMIC_RELAXED);
    ended();
}

static void coroutine_fn use_buffer_plain(void *opaque)
{
    long number = (long)opaque, sum = 0;

    for (long i = rounds() / 2 + 1; i > 0; i--) {
        if (number / N_THREADS % 2) {
            put_item_plain(number * 1000 + i);
            sum += number * 1000 + i;
        } else {
            sum += take_item_plain();
        }
    }
    __atomic_add_fetch(number / N_THREADS % 2 ? &sum_put : &sum_taken, sum, __ATOMIC_RELAXED);
    ended();
}

static void test_queue_with(CoroutineEntry *entry)
{
    qemu_co_mutex_init(&buffer.co_mutex);
    qemu_mutex_init(&buffer.mutex);
    qemu_co_queue_init(&buffer.not_full);
    qemu_co_queue_init(&buffer.not_empty);
    buffer.n = 0;
    sum_put = sum_taken = 0;
    run_everywhere(entry);
    CHECK_EQ(sum_put, sum_taken);
    CHECK(sum_put > 0 && buffer.n == 0);
    CHECK(qemu_co_queue_empty(&buffer.not_full) && qemu_co_queue_empty(&buffer.not_empty));
    qemu_mutex_destroy(&buffer.mutex);
}

static void test_queue_comutex(void)
{
    test_queue_with(use_buffer);
}

static void test_queue_mutex(void)
{
    test_queue_with(use_buffer_plain);
}

/* ---- moving and waking ---- */

static void coroutine_fn travel(void *opaque)
{
    unsigned random = (unsigned)(long)opaque;

    for (long i = rounds(); i > 0; i--) {
        AioContext *to = contexts[next_random(&random) % N_THREADS];
        aio_co_reschedule_self(to);
        CHECK(qemu_get_current_aio_context() == to);
    }
    ended();
}

static void test_travel(void)
{
    run_everywhere(travel);
}

/* A coroutine that has sat down is woken by whoever finds it, in a thread of the finder's choice.
 * Sitting down and yielding are two steps, so a seat belongs to a thread, and that thread's loop
 * alone wakes who sits there. */
static Coroutine *seats[N_THREADS][N_ALL];
static long n_seated; /* atomic */

static int thread_number(void)
{
    int i = 0;

    while (contexts[i] != qemu_get_current_aio_context()) {
        i++;
    }
    return i;
}

/* In the home thread of a seat, outside coroutines. */
static void wake_seated(void *opaque)
{
    Coroutine **mine = opaque;

    for (int i = 0; i < N_ALL; i++) {
        Coroutine *co = mine[i];
        if (co) {
            mine[i] = NULL;
            aio_co_schedule(contexts[i % N_THREADS], co);
        }
    }
}

static void coroutine_fn sit(void *opaque)
{
    long number = (long)opaque;

    for (long i = rounds(); i > 0; i--) {
        int here = thread_number();
        CHECK(!seats[here][number]);
        seats[here][number] = qemu_coroutine_self();
        __atomic_add_fetch(&n_seated, 1, __ATOMIC_RELAXED);
        aio_bh_schedule_oneshot(contexts[here], wake_seated, seats[here]);
        qemu_coroutine_yield();
        CHECK_EQ(thread_number(), number % N_THREADS);
        if (i % 3 == 0) {
            aio_co_reschedule_self(contexts[i % N_THREADS]);
        }
    }
    ended();
}

static void test_schedule(void)
{
    n_seated = 0;
    run_everywhere(sit);
    CHECK_EQ(n_seated, rounds() * N_ALL);
}

/* Two coroutines take turns, from changing threads. */
static struct pair {
    CoMutex mutex;
    CoQueue changed;
    int turn, n_turns; /* protected by the mutex */
} pairs[N_ALL / 2];

static void coroutine_fn play(void *opaque)
{
    long number = (long)opaque;
    struct pair *pair = &pairs[number / 2];

    for (long i = rounds() / 4 + 1; i > 0; i--) {
        WITH_QEMU_LOCK_GUARD(&pair->mutex) {
            while (pair->turn != number % 2) {
                qemu_co_queue_wait(&pair->changed, &pair->mutex);
            }
            pair->turn = !pair->turn;
            pair->n_turns++;
            qemu_co_queue_restart_all(&pair->changed);
        }
        aio_co_reschedule_self(contexts[(number + i) % N_THREADS]);
    }
    ended();
}

static void test_turns(void)
{
    for (int i = 0; i < N_ALL / 2; i++) {
        qemu_co_mutex_init(&pairs[i].mutex);
        qemu_co_queue_init(&pairs[i].changed);
        pairs[i].turn = pairs[i].n_turns = 0;
    }
    run_everywhere(play);
    for (int i = 0; i < N_ALL / 2; i++) {
        CHECK_EQ(pairs[i].n_turns, 2 * (rounds() / 4 + 1));
    }
}

/* ---- SharedResource, the thread pool ---- */

static SharedResource *budget;
static long taken; /* atomic */

static void coroutine_fn share(void *opaque)
{
    unsigned random = (unsigned)(long)opaque;

    for (long i = rounds() / 2 + 1; i > 0; i--) {
        unsigned n = next_random(&random) % 10 + 1;
        co_get_from_shres(budget, n);
        CHECK(__atomic_add_fetch(&taken, n, __ATOMIC_RELAXED) <= 10);
        if (n == 1) {
            co_sleep_ns(0);
        }
        __atomic_sub_fetch(&taken, n, __ATOMIC_RELAXED);
        co_put_to_shres(budget, n);
    }
    ended();
}

static void test_shared_resource(void)
{
    budget = shres_create(10);
    run_everywhere(share);
    shres_destroy(budget);
}

static int add_one(void *opaque)
{
    return ++*(int *)opaque;
}

static void coroutine_fn use_pool(void *opaque)
{
    int n = 0;

    (void)opaque;
    for (long i = rounds() / 16 + 1; i > 0; i--) {
        CHECK_EQ(thread_pool_submit_co(add_one, &n), n);
    }
    CHECK_EQ(n, rounds() / 16 + 1);
    ended();
}

static void test_thread_pool(void)
{
    run_everywhere(use_pool);
}

static const struct test tests[] = {
    { "mutex", test_mutex },
    { "mutex-moves", test_mutex_moves },
    { "rwlock", test_rwlock },
    { "queue-comutex", test_queue_comutex },
    { "queue-mutex", test_queue_mutex },
    { "travel", test_travel },
    { "schedule", test_schedule },
    { "turns", test_turns },
    { "shared-resource", test_shared_resource },
    { "thread-pool", test_thread_pool },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
