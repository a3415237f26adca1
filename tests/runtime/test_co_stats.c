/* co_stats: each counter against what the test did, also across threads and after they end. */
#include "test.h"

#include "co.h"

#include <pthread.h>

static struct co_stats before;

static void begin(void)
{
    co_stats(&before);
}

/* What changed since begin(). */
static struct co_stats changes(void)
{
    struct co_stats now;

    co_stats(&now);
    now.created -= before.created;
    now.live -= before.live;
    now.suspensions -= before.suspensions;
    now.frame_bytes -= before.frame_bytes;
    return now;
}

static void coroutine_fn yield_n(void *opaque)
{
    for (int i = *(int *)opaque; i > 0; i--) {
        qemu_coroutine_yield();
    }
}

static void test_counts(void)
{
    int n = 5;

    begin();
    Coroutine *co = qemu_coroutine_create(yield_n, &n);
    CHECK(changes().created == 1 && changes().live == 1 && changes().suspensions == 0);
    for (int i = 1; i <= 5; i++) {
        qemu_coroutine_enter(co);
        CHECK_EQ(changes().suspensions, i);
    }
    CHECK_EQ(changes().live, 1);
    qemu_coroutine_enter(co);
    CHECK(changes().created == 1 && changes().live == 0 && changes().suspensions == 5);
    n = 0;
    for (int i = 0; i < 1000; i++) {
        qemu_coroutine_enter(qemu_coroutine_create(yield_n, &n));
    }
    CHECK(changes().created == 1001 && changes().live == 0 && changes().suspensions == 5);
}

#ifdef __CPC__
static int coroutine_fn recurse(int depth)
{
    if (depth == 0) {
        qemu_coroutine_yield();
        return 0;
    }
    return recurse(depth - 1) + 1;
}

static int depth_reached;

static void coroutine_fn go_deep(void *opaque)
{
    depth_reached = recurse(*(int *)opaque);
}

/* Frames count while they are there: at least 16 bytes for each level, and none afterwards. */
static void test_frame_bytes(void)
{
    int shallow = 1, deep = 10000;

    begin();
    Coroutine *a = qemu_coroutine_create(go_deep, &shallow);
    qemu_coroutine_enter(a);
    uint64_t few = changes().frame_bytes;
    CHECK(few >= 32 && few <= CO_AREA_SIZE);
    Coroutine *b = qemu_coroutine_create(go_deep, &deep);
    qemu_coroutine_enter(b);
    uint64_t many = changes().frame_bytes;
    CHECK(many >= 16 * 10000 && many < 200 * 10000);
    qemu_coroutine_enter(b);
    CHECK_EQ(depth_reached, 10000);
    CHECK_EQ(changes().frame_bytes, few);
    qemu_coroutine_enter(a);
    CHECK_EQ(changes().frame_bytes, 0);
}
#else
static void test_frame_bytes(void)
{
}
#endif

static Coroutine *passed[100];
static int yields = 3;

static void *create_many(void *opaque)
{
    (void)opaque;
    for (int i = 0; i < 100; i++) {
        passed[i] = qemu_coroutine_create(yield_n, &yields);
        qemu_coroutine_enter(passed[i]);
    }
    return NULL;
}

/* Created in a thread that ends, ended in another one. */
static void test_threads(void)
{
    pthread_t thread;

    begin();
    CHECK(pthread_create(&thread, NULL, create_many, NULL) == 0);
    pthread_join(thread, NULL);
    CHECK(changes().created == 100 && changes().live == 100 && changes().suspensions == 100);
    for (int turn = 0; turn < 3; turn++) {
        for (int i = 0; i < 100; i++) {
            qemu_coroutine_enter(passed[i]);
        }
    }
    CHECK(changes().created == 100 && changes().live == 0 && changes().suspensions == 300);
    CHECK_EQ(changes().frame_bytes, 0);
}

/* The sum has 64 bits. */
static void test_many_yields(void)
{
    int n = 3;

    begin();
    Coroutine *co = qemu_coroutine_create(yield_n, &n);
    int64_t before = (int64_t)co->core.n_yields; /* of coroutines that this object has been */
    co->core.n_yields = UINT32_MAX - 1;
    for (int i = 0; i < 4; i++) {
        qemu_coroutine_enter(co);
    }
    CHECK_EQ(changes().suspensions, (int64_t)UINT32_MAX - 1 + 3 - before);
}

static const struct test tests[] = {
    { "counts", test_counts },
    { "frame-bytes", test_frame_bytes },
    { "threads", test_threads },
    { "many-yields", test_many_yields },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
