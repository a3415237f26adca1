/* CoQueue and CoMutex: QEMU's co-mutex test, order of arrival, waiting with a lock, and threads
 * that contend with an event loop each. */
#include "test.h"

#include "co.h"
#include "loop.h"

#include <pthread.h>
#include <qemu/thread.h>

/* ---- QEMU's /locking/co-mutex ---- */

struct contended {
    CoMutex mutex;
    bool locked;
    int done;
};

static void coroutine_fn lock_yield_unlock(void *opaque)
{
    struct contended *c = opaque;

    qemu_co_mutex_lock(&c->mutex);
    CHECK(!c->locked);
    c->locked = true;
    qemu_coroutine_yield();
    c->locked = false;
    qemu_co_mutex_unlock(&c->mutex);
    c->done++;
}

static void test_co_mutex(void)
{
    struct contended c = { .done = 0 };
    Coroutine *c1 = qemu_coroutine_create(lock_yield_unlock, &c);
    Coroutine *c2 = qemu_coroutine_create(lock_yield_unlock, &c);

    qemu_co_mutex_init(&c.mutex);
    qemu_coroutine_enter(c1);
    CHECK(c.locked);
    qemu_coroutine_enter(c2);
    /* c1's unlock queues c2, which runs when c1 ends, and yields with the lock. */
    qemu_coroutine_enter(c1);
    CHECK_EQ(c.done, 1);
    CHECK(c.locked);
    qemu_coroutine_enter(c2);
    CHECK_EQ(c.done, 2);
    CHECK(!c.locked);
}

/* ---- order ---- */

static char order[64];

struct waiter {
    CoMutex *mutex;
    CoQueue *queue;
    QemuMutex *thread_mutex;
    char name;
};

static void note(char name)
{
    order[strlen(order)] = name;
}

static void coroutine_fn lock_and_note(void *opaque)
{
    struct waiter *waiter = opaque;

    qemu_co_mutex_lock(waiter->mutex);
    qemu_co_mutex_assert_locked(waiter->mutex);
    qemu_coroutine_yield();
    note(waiter->name);
    qemu_co_mutex_unlock(waiter->mutex);
}

/* Five wait; each unlock hands over to the longest waiter, also when new ones come in between. */
static void test_mutex_order(void)
{
    CoMutex mutex;
    struct waiter waiters[6];
    Coroutine *cos[6];

    qemu_co_mutex_init(&mutex);
    memset(order, 0, sizeof order);
    for (int i = 0; i < 6; i++) {
        waiters[i] = (struct waiter){ .mutex = &mutex, .name = (char)('a' + i) };
        cos[i] = qemu_coroutine_create(lock_and_note, &waiters[i]);
    }
    for (int i = 0; i < 4; i++) {
        qemu_coroutine_enter(cos[i]);
    }
    qemu_coroutine_enter(cos[0]);
    qemu_coroutine_enter(cos[4]);
    qemu_coroutine_enter(cos[1]);
    qemu_coroutine_enter(cos[5]);
    for (int i = 2; i < 6; i++) {
        qemu_coroutine_enter(cos[i]);
    }
    CHECK(strcmp(order, "abcdef") == 0);
    CHECK_EQ(mutex.state, 0);
}

static void coroutine_fn lock_twice(void *opaque)
{
    qemu_co_mutex_lock(opaque);
    qemu_co_mutex_lock(opaque);
}

static void coroutine_fn unlock_only(void *opaque)
{
    qemu_co_mutex_unlock(opaque);
}

static void enter_with(CoroutineEntry *entry, void *opaque)
{
    qemu_coroutine_enter(qemu_coroutine_create(entry, opaque));
}

static void test_mutex_misuse(void)
{
    CoMutex mutex;

    qemu_co_mutex_init(&mutex);
    CHECK_FATAL(enter_with(lock_twice, &mutex), "holds this CoMutex already");
    CHECK_FATAL(enter_with(unlock_only, &mutex), "CoMutex is not held by the calling coroutine");
}

/* ---- CoQueue ---- */

static void coroutine_fn wait_and_note(void *opaque)
{
    struct waiter *waiter = opaque;

    if (waiter->mutex) {
        qemu_co_mutex_lock(waiter->mutex);
        qemu_co_queue_wait(waiter->queue, waiter->mutex);
        qemu_co_mutex_assert_locked(waiter->mutex);
        note(waiter->name);
        qemu_co_mutex_unlock(waiter->mutex);
    } else if (waiter->thread_mutex) {
        qemu_mutex_lock(waiter->thread_mutex);
        qemu_co_queue_wait(waiter->queue, waiter->thread_mutex);
        note(waiter->name);
        qemu_mutex_unlock(waiter->thread_mutex);
    } else {
        qemu_co_queue_wait(waiter->queue, NULL);
        note(waiter->name);
    }
}

static void coroutine_fn wake_next(void *opaque)
{
    CHECK(qemu_co_queue_next(opaque));
    note('-');
}

static void coroutine_fn wake_all(void *opaque)
{
    qemu_co_queue_restart_all(opaque);
    CHECK(!qemu_co_queue_next(opaque));
    note('-');
}

static void start_waiters(CoQueue *queue, CoMutex *mutex, QemuMutex *thread_mutex, int n)
{
    static struct waiter waiters[8];

    qemu_co_queue_init(queue);
    memset(order, 0, sizeof order);
    for (int i = 0; i < n; i++) {
        waiters[i] = (struct waiter){ mutex, queue, thread_mutex, (char)('a' + i) };
        enter_with(wait_and_note, &waiters[i]);
    }
}

static void test_queue_next(void)
{
    CoQueue queue;

    start_waiters(&queue, NULL, NULL, 3);
    enter_with(wake_next, &queue);
    CHECK(strcmp(order, "-a") == 0);
    enter_with(wake_all, &queue);
    CHECK(strcmp(order, "-a-bc") == 0);
    CHECK(qemu_co_queue_empty(&queue));
}

static void test_queue_with_mutex(void)
{
    CoQueue queue;
    CoMutex mutex;

    qemu_co_mutex_init(&mutex);
    start_waiters(&queue, &mutex, NULL, 4);
    CHECK(!qemu_co_queue_empty(&queue));
    enter_with(wake_all, &queue);
    CHECK(strcmp(order, "-abcd") == 0);
    CHECK_EQ(mutex.state, 0);
}

static void test_queue_outside(void)
{
    CoQueue queue;
    QemuMutex mutex;

    qemu_mutex_init(&mutex);
    start_waiters(&queue, NULL, &mutex, 5);
    qemu_mutex_lock(&mutex);
    CHECK(qemu_co_enter_next(&queue, &mutex));
    CHECK(strcmp(order, "a") == 0);
    qemu_co_enter_all(&queue, &mutex);
    CHECK(!qemu_co_enter_next(&queue, &mutex));
    qemu_mutex_unlock(&mutex);
    CHECK(strcmp(order, "abcde") == 0);
    qemu_mutex_destroy(&mutex);
}

static void coroutine_fn wait_again(void *opaque)
{
    struct waiter *waiter = opaque;

    for (int i = 0; i < 3; i++) {
        qemu_co_queue_wait(waiter->queue, NULL);
        note(waiter->name);
    }
}

/* enter_all is for those who wait now: who waits again is not entered a second time. */
static void test_queue_enter_all_once(void)
{
    CoQueue queue;
    struct waiter a = { .queue = &queue, .name = 'a' }, b = { .queue = &queue, .name = 'b' };

    qemu_co_queue_init(&queue);
    memset(order, 0, sizeof order);
    enter_with(wait_again, &a);
    enter_with(wait_again, &b);
    qemu_co_enter_all(&queue, NULL);
    CHECK(strcmp(order, "ab") == 0);
    qemu_co_enter_all(&queue, NULL);
    qemu_co_enter_all(&queue, NULL);
    CHECK(strcmp(order, "ababab") == 0);
    qemu_co_enter_all(&queue, NULL);
}

/* ---- threads ---- */

#define N_THREADS 3
#define N_COROUTINES 20
#define N_ROUNDS 300

static struct {
    CoMutex mutex;
    long counter;  /* protected by mutex, without atomics */
    int inside;
} shared;

struct contender {
    AioContext *ctx;
    int running;
};

static void coroutine_fn contend(void *opaque)
{
    struct contender *contender = opaque;

    for (int i = 0; i < N_ROUNDS; i++) {
        qemu_co_mutex_lock(&shared.mutex);
        CHECK_EQ(shared.inside++, 0);
        shared.counter++;
        if (i % 7 == 0) {
            co_sleep_ns(0);
        }
        CHECK_EQ(--shared.inside, 0);
        qemu_co_mutex_unlock(&shared.mutex);
        CHECK(qemu_get_current_aio_context() == contender->ctx);
        if (i % 5 == 0) {
            co_sleep_ns(1000);
        }
    }
    contender->running--;
}

static pthread_barrier_t all_done;

static void *contend_in_thread(void *opaque)
{
    struct contender contender = { .running = N_COROUTINES };

    (void)opaque;
    CHECK_EQ(loop_new(&contender.ctx), 0);
    loop_attach(contender.ctx);
    for (int i = 0; i < N_COROUTINES; i++) {
        enter_with(contend, &contender);
    }
    while (contender.running > 0) {
        aio_poll(contender.ctx, true);
    }
    /* A thread that has just woken a coroutine of this loop may still look at it. */
    pthread_barrier_wait(&all_done);
    loop_free(contender.ctx);
    return NULL;
}

static void test_mutex_threads(void)
{
    pthread_t threads[N_THREADS];

    qemu_co_mutex_init(&shared.mutex);
    pthread_barrier_init(&all_done, NULL, N_THREADS);
    for (int t = 0; t < N_THREADS; t++) {
        CHECK(pthread_create(&threads[t], NULL, contend_in_thread, NULL) == 0);
    }
    for (int t = 0; t < N_THREADS; t++) {
        pthread_join(threads[t], NULL);
    }
    CHECK_EQ(shared.counter, (long)N_THREADS * N_COROUTINES * N_ROUNDS);
}

static const struct test tests[] = {
    { "co-mutex", test_co_mutex },
    { "mutex-order", test_mutex_order },
    { "mutex-misuse", test_mutex_misuse },
    { "queue-next", test_queue_next },
    { "queue-with-mutex", test_queue_with_mutex },
    { "queue-outside", test_queue_outside },
    { "queue-enter-all-once", test_queue_enter_all_once },
    { "mutex-threads", test_mutex_threads },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
