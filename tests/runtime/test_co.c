/* Coroutines without an event loop: the assertions of QEMU's test-coroutine.c, calls that do not
 * suspend, woken coroutines, misuse, and coroutines that change threads. */
#include "test.h"

#include "co.h"

#include <block/aio.h>
#include <pthread.h>

/* ---- what QEMU's tests assert ---- */

static void coroutine_fn yield_once(void *opaque)
{
    (void)opaque;
    qemu_coroutine_yield();
}

static void coroutine_fn enter_other(void *opaque)
{
    qemu_coroutine_enter(opaque);
}

static void test_no_dangling_access(void)
{
    Coroutine *c2 = qemu_coroutine_create(yield_once, NULL);
    Coroutine *c1 = qemu_coroutine_create(enter_other, c2);
    static Coroutine saved;

    qemu_coroutine_enter(c1);
    /* c1 has ended; c2 was entered from it, and must not use it any more. */
    saved = *c1;
    memset(c1, 0xff, sizeof *c1);
    qemu_coroutine_enter(c2);
    *c1 = saved;
}

static void coroutine_fn set_true(void *opaque)
{
    *(bool *)opaque = true;
}

static void test_lifecycle(void)
{
    for (int i = 0; i < 2; i++) {
        bool done = false;
        qemu_coroutine_enter(qemu_coroutine_create(set_true, &done));
        CHECK(done);
    }
}

static void coroutine_fn yield_5_times(void *opaque)
{
    for (int i = 0; i < 5; i++) {
        qemu_coroutine_yield();
    }
    *(bool *)opaque = true;
}

static void test_yield(void)
{
    bool done = false;
    Coroutine *co = qemu_coroutine_create(yield_5_times, &done);
    int entered = 0;

    while (!done) {
        qemu_coroutine_enter(co);
        entered++;
    }
    CHECK_EQ(entered, 6);
}

struct nesting {
    unsigned n_enter, n_return, max;
};

static void coroutine_fn nest(void *opaque)
{
    struct nesting *nesting = opaque;

    nesting->n_enter++;
    if (nesting->n_enter < nesting->max) {
        qemu_coroutine_enter(qemu_coroutine_create(nest, nesting));
    }
    nesting->n_return++;
}

static void test_nesting(void)
{
    struct nesting nesting = { 0, 0, 128 };

    qemu_coroutine_enter(qemu_coroutine_create(nest, &nesting));
    CHECK_EQ(nesting.n_enter, 128);
    CHECK_EQ(nesting.n_return, 128);
}

static void coroutine_fn check_self(void *opaque)
{
    CHECK(qemu_coroutine_self() == *(Coroutine **)opaque);
    qemu_coroutine_yield();
    CHECK(qemu_coroutine_self() == *(Coroutine **)opaque);
}

static void test_self(void)
{
    Coroutine *outside = qemu_coroutine_self();
    Coroutine *co = qemu_coroutine_create(check_self, &co);

    qemu_coroutine_enter(co);
    CHECK(qemu_coroutine_self() == outside && outside != co);
    qemu_coroutine_enter(co);
}

static void coroutine_fn entered_child(void *opaque)
{
    CHECK(qemu_coroutine_entered(qemu_coroutine_self()));
    CHECK(qemu_coroutine_entered(opaque));
    qemu_coroutine_yield();
}

static void coroutine_fn entered_parent(void *opaque)
{
    Coroutine *self = qemu_coroutine_self();
    Coroutine *child;

    (void)opaque;
    CHECK(qemu_coroutine_entered(self));
    child = qemu_coroutine_create(entered_child, self);
    CHECK(!qemu_coroutine_entered(child));
    qemu_coroutine_enter(child);
    CHECK(!qemu_coroutine_entered(child));
    qemu_coroutine_enter(child);
    CHECK(qemu_coroutine_entered(self));
}

static void test_entered(void)
{
    Coroutine *co = qemu_coroutine_create(entered_parent, NULL);

    CHECK(!qemu_coroutine_entered(co));
    qemu_coroutine_enter(co);
}

static void coroutine_fn check_in_coroutine(void *opaque)
{
    (void)opaque;
    CHECK(qemu_in_coroutine());
}

static void test_in_coroutine(void)
{
    CHECK(!qemu_in_coroutine());
    qemu_coroutine_enter(qemu_coroutine_create(check_in_coroutine, NULL));
    CHECK(!qemu_in_coroutine());
}

static char order[64];

static void note(char who, int step)
{
    size_t n = strlen(order);

    snprintf(order + n, sizeof order - n, "(%c,%d)", who, step);
}

static void coroutine_fn note_steps(void *opaque)
{
    (void)opaque;
    note('1', 1);
    CHECK(qemu_in_coroutine());
    qemu_coroutine_yield();
    CHECK(qemu_in_coroutine());
    note('1', 2);
    qemu_coroutine_yield();
    note('1', 3);
}

static void test_order(void)
{
    Coroutine *co = qemu_coroutine_create(note_steps, NULL);

    order[0] = '\0';
    qemu_coroutine_enter(co);
    note('2', 1);
    CHECK(!qemu_in_coroutine());
    qemu_coroutine_enter(co);
    note('2', 2);
    qemu_coroutine_enter(co);
    CHECK(strcmp(order, "(1,1)(2,1)(1,2)(2,2)(1,3)") == 0);
}

/* ---- frames ---- */

/* Depth first: yields at every `every`-th level, on the way in and on the way out. */
static long coroutine_fn descend(int depth, int every, long *trace)
{
    long a = depth * 3, b = depth ^ 0x55;
    long below;

    if (depth == 0) {
        return 1;
    }
    if (depth % every == 0) {
        qemu_coroutine_yield();
    }
    *trace = *trace * 31 + a;
    below = descend(depth - 1, every, trace);
    if (depth % every == 0) {
        qemu_coroutine_yield();
    }
    *trace = *trace * 31 + b;
    return below + a + b;
}

struct descent {
    int depth, every;
    long result, trace;
    bool done;
};

static void coroutine_fn run_descent(void *opaque)
{
    struct descent *descent = opaque;

    descent->result = descend(descent->depth, descent->every, &descent->trace);
    descent->done = true;
}

static int run_to_end(struct descent *descent)
{
    Coroutine *co = qemu_coroutine_create(run_descent, descent);
    int entered = 0;

    while (!descent->done) {
        qemu_coroutine_enter(co);
        entered++;
    }
    return entered;
}

/* However often it suspends, and however far it goes beyond the area, it computes the same. */
static void test_depth(void)
{
    static const int depths[] = { 1, 2, 3, 5, 8, 13, 40, 200, 1000 };

    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        struct descent plain = { depths[i], 1 << 20, 0, 0, false };
        CHECK_EQ(run_to_end(&plain), 1);
        for (int every = 1; every < 20; every += 3) {
            struct descent one = { depths[i], every, 0, 0, false };
            CHECK_EQ(run_to_end(&one), 1 + 2 * (depths[i] / every));
            CHECK_EQ(one.result, plain.result);
            CHECK_EQ(one.trace, plain.trace);
        }
    }
}

static long coroutine_fn loop_below(long *sum, int n)
{
    for (int i = 0; i < n; i++) {
        *sum += i;
        qemu_coroutine_yield();
    }
    return *sum;
}

/* A frame that stays while calls below it suspend again and again: batches are given back. */
static void coroutine_fn call_in_loop(void *opaque)
{
    long local = 0;

    for (int i = 0; i < 1000; i++) {
        long before = local;
        CHECK_EQ(loop_below(&local, 3), before + 3);
    }
    *(long *)opaque = local;
}

static void test_batches(void)
{
    long result = 0;
    Coroutine *co = qemu_coroutine_create(call_in_loop, &result);
    int entered = 0;

    while (!result) {
        qemu_coroutine_enter(co);
        entered++;
    }
    CHECK_EQ(result, 3000);
    CHECK_EQ(entered, 3001);
}

/* ---- waking ---- */

struct waker {
    Coroutine *wakes[2];
    char name;
};

static void coroutine_fn wake_others(void *opaque)
{
    struct waker *waker = opaque;

    note(waker->name, 1);
    qemu_coroutine_yield();
    for (int i = 0; i < 2 && waker->wakes[i]; i++) {
        aio_co_wake(waker->wakes[i]);
    }
    note(waker->name, 2);
}

/* a wakes b and c, b wakes d: d runs before c. */
static void test_wake_depth_first(void)
{
    struct waker d = { { NULL }, 'd' }, c = { { NULL }, 'c' };
    struct waker b = { { NULL }, 'b' }, a = { { NULL }, 'a' };

    b.wakes[0] = qemu_coroutine_create(wake_others, &d);
    a.wakes[0] = qemu_coroutine_create(wake_others, &b);
    a.wakes[1] = qemu_coroutine_create(wake_others, &c);
    Coroutine *first = qemu_coroutine_create(wake_others, &a);
    order[0] = '\0';
    qemu_coroutine_enter(b.wakes[0]);
    qemu_coroutine_enter(a.wakes[0]);
    qemu_coroutine_enter(a.wakes[1]);
    qemu_coroutine_enter(first);
    order[0] = '\0';
    qemu_coroutine_enter(first);
    CHECK(strcmp(order, "(a,2)(b,2)(d,2)(c,2)") == 0);
}

/* ---- misuse ---- */

static void coroutine_fn enter_self(void *opaque)
{
    (void)opaque;
    qemu_coroutine_enter(qemu_coroutine_self());
}

static void coroutine_fn wake_twice(void *opaque)
{
    aio_co_wake(opaque);
    aio_co_wake(opaque);
}

static void coroutine_fn wake_self(void *opaque)
{
    (void)opaque;
    aio_co_wake(qemu_coroutine_self());
}

static void coroutine_fn end_with_lock(void *opaque)
{
    qemu_co_mutex_lock(opaque);
}

static void coroutine_fn wait_in_queue(void *opaque)
{
    qemu_co_queue_wait((CoQueue *)opaque, NULL);
}

static void enter_queued(CoQueue *queue)
{
    Coroutine *co = qemu_coroutine_create(wait_in_queue, queue);

    qemu_co_queue_init(queue);
    qemu_coroutine_enter(co);
    qemu_coroutine_enter(co);
}

static void enter_with(CoroutineEntry *entry, void *opaque)
{
    qemu_coroutine_enter(qemu_coroutine_create(entry, opaque));
}

static void test_misuse(void)
{
    CoMutex mutex;
    CoQueue queue;
    /* A yield outside a coroutine, past the compiler's check. */
    void (*entry)(void *) = (void (*)(void *))(void *)yield_once;
    Coroutine *sleeper = qemu_coroutine_create(yield_once, NULL);

    qemu_co_mutex_init(&mutex);
    qemu_coroutine_enter(sleeper);
    CHECK_FATAL(entry(NULL), "Co-routine is yielding to no one");
    CHECK_FATAL(enter_with(enter_self, NULL), "Co-routine re-entered recursively");
    CHECK_FATAL(enter_with(wake_twice, sleeper),
                "Co-routine was already scheduled in 'aio_co_wake'");
    CHECK_FATAL(enter_with(wake_self, NULL), "Co-routine wakes itself");
    CHECK_FATAL(enter_with(end_with_lock, &mutex), "Co-routine ended while it holds 1 lock(s)");
    CHECK_FATAL(enter_queued(&queue), "Co-routine was already scheduled in 'qemu_co_queue_wait'");
    qemu_coroutine_enter(sleeper);
}

static void test_enter_if_inactive(void)
{
    Coroutine *co = qemu_coroutine_create(enter_other, NULL);
    bool done = false;

    co->arg = qemu_coroutine_create(set_true, &done);
    qemu_coroutine_enter_if_inactive(co);
    CHECK(done);
}

/* ---- threads ---- */

#define N_PASSED 20000

struct passing {
    Coroutine *cos[N_PASSED];
    long sum[N_PASSED];
};

static struct passing passing;

static void coroutine_fn count_in_threads(void *opaque)
{
    long *sum = opaque;

    for (long i = 1; i <= 4; i++) {
        *sum += i;
        qemu_coroutine_yield();
    }
}

static void *enter_all(void *opaque)
{
    (void)opaque;
    for (int i = 0; i < N_PASSED; i++) {
        CHECK(!qemu_in_coroutine());
        qemu_coroutine_enter(passing.cos[i]);
    }
    return NULL;
}

/* Created here, entered in five other threads, the last of which ends them; objects circulate. */
static void test_threads(void)
{
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < N_PASSED; i++) {
            passing.sum[i] = 0;
            passing.cos[i] = qemu_coroutine_create(count_in_threads, &passing.sum[i]);
        }
        for (int t = 0; t < 5; t++) {
            pthread_t thread;
            CHECK(pthread_create(&thread, NULL, enter_all, NULL) == 0);
            pthread_join(thread, NULL);
        }
        for (int i = 0; i < N_PASSED; i++) {
            CHECK_EQ(passing.sum[i], 10);
        }
    }
}

static void count_one(Coroutine *co, void *opaque)
{
    (void)co;
    ++*(long *)opaque;
}

static void *live_and_die(void *opaque)
{
    (void)opaque;
    for (int i = 0; i < 300000; i++) {
        bool done = false;
        qemu_coroutine_enter(qemu_coroutine_create(set_true, &done));
        CHECK(done);
    }
    return NULL;
}

/* Objects made in one thread and freed in others come back instead of piling up. */
static void test_pool(void)
{
    pthread_t threads[3];
    long live = 0;

    for (int t = 0; t < 3; t++) {
        CHECK(pthread_create(&threads[t], NULL, live_and_die, NULL) == 0);
    }
    for (int t = 0; t < 3; t++) {
        pthread_join(threads[t], NULL);
    }
    co_pool_visit(count_one, &live);
    CHECK_EQ(live, 0);
}

static const struct test tests[] = {
    { "no-dangling-access", test_no_dangling_access },
    { "lifecycle", test_lifecycle },
    { "yield", test_yield },
    { "nesting", test_nesting },
    { "self", test_self },
    { "entered", test_entered },
    { "in_coroutine", test_in_coroutine },
    { "order", test_order },
    { "depth", test_depth },
    { "batches", test_batches },
    { "wake-depth-first", test_wake_depth_first },
    { "misuse", test_misuse },
    { "enter-if-inactive", test_enter_if_inactive },
    { "threads", test_threads },
    { "pool", test_pool },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
