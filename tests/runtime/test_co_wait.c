/* What else coroutines wait for: wakeable sleeps, timeouts, budgets, tasks, the thread pool, sockets,
 * another thread's loop; and bottom halves. */
#include "loop_test.h"

#include "co.h"
#include "co_io.h"

#include <block/aio_task.h>
#include <block/thread-pool.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <qemu/co-shared-resource.h>
#include <qemu/coroutine-tls.h>
#include <qemu/main-loop.h>
#include <sys/socket.h>

static int running;

static void start(CoroutineEntry *entry, void *opaque)
{
    running++;
    qemu_coroutine_enter(qemu_coroutine_create(entry, opaque));
}

static void finish(void)
{
    while (running) {
        aio_poll(ctx, true);
    }
}

/* ---- sleep ---- */

static QemuCoSleep sleeper;

static void coroutine_fn sleep_long(void *opaque)
{
    int64_t *slept = opaque, before = loop_now_ns();

    qemu_co_sleep_ns_wakeable(&sleeper, QEMU_CLOCK_REALTIME, 10 * NANOSECONDS_PER_SECOND);
    *slept = loop_now_ns() - before;
    running--;
}

static void coroutine_fn sleep_short(void *opaque)
{
    int64_t *slept = opaque, before = loop_now_ns();
    QemuCoSleep own = { 0 };

    qemu_co_sleep_ns_wakeable(&own, QEMU_CLOCK_VIRTUAL, 2 * SCALE_MS);
    *slept = loop_now_ns() - before;
    qemu_co_sleep_wake(&own); /* nobody sleeps any more */
    running--;
}

static void coroutine_fn sleep_for_ever(void *opaque)
{
    qemu_co_sleep(&sleeper);
    *(bool *)opaque = true;
    running--;
}

static void coroutine_fn wake_from_inside(void *opaque)
{
    (void)opaque;
    qemu_co_sleep_wake(&sleeper);
    qemu_co_sleep_wake(&sleeper);
    running--;
}

static void test_sleep(void)
{
    int64_t slept = 0;
    bool woken = false;

    setup();
    start(sleep_short, &slept);
    finish();
    CHECK(slept >= 2 * SCALE_MS);
    start(sleep_long, &slept);
    CHECK(sleeper.to_wake);
    qemu_co_sleep_wake(&sleeper);
    CHECK(running == 0 && slept < NANOSECONDS_PER_SECOND);
    start(sleep_for_ever, &woken);
    start(wake_from_inside, NULL);
    CHECK(woken && running == 0);
    CHECK(qemu_clock_get_ns(QEMU_CLOCK_HOST) > 1600000000 * NANOSECONDS_PER_SECOND);
    teardown();
}

/* ---- timeout ---- */

struct timed {
    int64_t work_ns;
    int result, n_done, n_cleaned;
};

static void coroutine_fn timed_work(void *opaque)
{
    struct timed *timed = opaque;

    if (timed->work_ns >= 0) {
        co_sleep_ns(timed->work_ns);
    }
    timed->n_done++;
}

static void clean_up(void *opaque)
{
    struct timed *timed = opaque;

    CHECK_EQ(timed->n_done, 1);
    timed->n_cleaned++;
}

static void coroutine_fn with_timeout(void *opaque)
{
    struct timed *timed = opaque;

    timed->result = qemu_co_timeout(timed_work, timed, 5 * SCALE_MS, clean_up);
    running--;
}

static void coroutine_fn without_timeout(void *opaque)
{
    struct timed *timed = opaque;

    timed->result = qemu_co_timeout(timed_work, timed, 0, NULL);
    running--;
}

static void test_timeout(void)
{
    struct timed fast = { .work_ns = 1000 }, slow = { .work_ns = 20 * SCALE_MS };
    struct timed at_once = { .work_ns = -1 }, free = { .work_ns = 10 * SCALE_MS };

    setup();
    start(with_timeout, &fast);
    start(with_timeout, &slow);
    start(with_timeout, &at_once);
    start(without_timeout, &free);
    finish();
    CHECK(fast.result == 0 && fast.n_done == 1 && fast.n_cleaned == 0);
    CHECK(at_once.result == 0 && at_once.n_done == 1 && at_once.n_cleaned == 0);
    CHECK(free.result == 0 && free.n_done == 1);
    CHECK_EQ(slow.result, -ETIMEDOUT);
    while (!slow.n_cleaned) {
        aio_poll(ctx, true);
    }
    CHECK_EQ(slow.n_done, 1);
    teardown();
}

/* ---- budget ---- */

static SharedResource *budget;
static int taken, most_taken;

static void coroutine_fn take_some(void *opaque)
{
    int n = *(int *)opaque;

    for (int i = 0; i < 5; i++) {
        co_get_from_shres(budget, (uint64_t)n);
        taken += n;
        most_taken = taken > most_taken ? taken : most_taken;
        co_sleep_ns(1000 * n);
        taken -= n;
        co_put_to_shres(budget, 1);
        co_put_to_shres(budget, (uint64_t)(n - 1));
    }
    running--;
}

static void coroutine_fn put_ten(void *opaque)
{
    co_put_to_shres(opaque, 10);
    running--;
}

static void coroutine_fn put_too_much(void *opaque)
{
    co_put_to_shres(opaque, 1);
}

static void test_shared_resource(void)
{
    static int sizes[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

    setup();
    budget = shres_create(10);
    for (int i = 0; i < 10; i++) {
        start(take_some, &sizes[i]);
    }
    CHECK(!co_try_get_from_shres(budget, 10));
    finish();
    CHECK(taken == 0 && most_taken > 5 && most_taken <= 10);
    CHECK(co_try_get_from_shres(budget, 10));
    CHECK(!co_try_get_from_shres(budget, 1));
    CHECK_FATAL(shres_destroy(budget), "available == s->total");
    start(put_ten, budget);
    CHECK_EQ(running, 0);
    CHECK_FATAL(start(put_too_much, budget), "n <= s->total - s->available");
    shres_destroy(budget);
    teardown();
}

/* ---- tasks ---- */

struct my_task {
    AioTask task;
    int ms, result;
};

static int n_tasks, most_tasks, ended_tasks;

static int coroutine_fn run_task(AioTask *task)
{
    struct my_task *mine = (struct my_task *)task;

    n_tasks++;
    most_tasks = n_tasks > most_tasks ? n_tasks : most_tasks;
    if (mine->ms) {
        co_sleep_ns(mine->ms * (int64_t)SCALE_MS / 4);
    }
    n_tasks--;
    ended_tasks++;
    return mine->result;
}

static void coroutine_fn run_tasks(void *opaque)
{
    AioTaskPool *pool = aio_task_pool_new(3);

    (void)opaque;
    CHECK(aio_task_pool_empty(pool));
    for (int i = 0; i < 12; i++) {
        struct my_task *mine = malloc(sizeof *mine);
        *mine = (struct my_task){ .task.func = run_task, .ms = i % 4 };
        mine->result = i == 4 ? -EIO : i == 9 ? -ENOSPC : i;
        aio_task_pool_start_task(pool, &mine->task);
    }
    aio_task_pool_wait_one(pool);
    aio_task_pool_wait_slot(pool);
    aio_task_pool_wait_all(pool);
    CHECK(aio_task_pool_empty(pool));
    CHECK_EQ(aio_task_pool_status(pool), -EIO);
    aio_task_pool_free(pool);
    running--;
}

static void test_tasks(void)
{
    setup();
    start(run_tasks, NULL);
    finish();
    CHECK(ended_tasks == 12 && n_tasks == 0 && most_tasks == 3);
    teardown();
}

/* ---- thread pool ---- */

static pthread_t home;

static int block_thread(void *opaque)
{
    int *n = opaque;

    CHECK(!qemu_in_coroutine() && !pthread_equal(pthread_self(), home));
    usleep(1000);
    return *n * 2;
}

static int calls;

static void coroutine_fn call_pool(void *opaque)
{
    int n = *(int *)opaque;

    for (int i = 0; i < 4; i++) {
        CHECK_EQ(thread_pool_submit_co(block_thread, &n), n * 2);
        CHECK(pthread_equal(pthread_self(), home));
        n++;
        calls++;
    }
    running--;
}

static void test_thread_pool(void)
{
    static int numbers[100];

    setup();
    home = pthread_self();
    for (int i = 0; i < 100; i++) {
        numbers[i] = i;
        start(call_pool, &numbers[i]);
    }
    finish();
    CHECK_EQ(calls, 400);
    teardown();
}

/* ---- sockets ---- */

#define STREAM_SIZE 3000000

struct stream {
    int fd;
    bool sending;
    char *data;
    ssize_t result;
    Coroutine *co;
};

static void coroutine_fn transfer_stream(void *opaque)
{
    struct stream *stream = opaque;
    struct iovec iov[200];
    size_t at = 0;

    stream->co = qemu_coroutine_self();
    for (int i = 0; i < 200; i++) {
        size_t size = i < 199 ? (size_t)(i * 97 % 1500) : STREAM_SIZE + 10 - at;
        iov[i] = (struct iovec){ stream->data + at, size };
        at += size;
    }
    if (stream->sending) {
        stream->result = qemu_co_sendv(stream->fd, iov, 200, 10, STREAM_SIZE);
    } else {
        stream->result = qemu_co_recvv(stream->fd, iov, 200, 10, STREAM_SIZE);
    }
    stream->co = NULL;
    running--;
}

static void test_streams(void)
{
    struct stream a = { .sending = true }, b = { .sending = false };
    int fds[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    a.fd = fds[0];
    b.fd = fds[1];
    a.data = malloc(STREAM_SIZE + 10);
    b.data = calloc(1, STREAM_SIZE + 10);
    for (size_t i = 0; i < STREAM_SIZE + 10; i++) {
        a.data[i] = (char)(i * 2654435761u >> 20);
    }
    start(transfer_stream, &a);
    start(transfer_stream, &b);
    CHECK_EQ(running, 2);
    while (running) { /* they only yield: nobody else wakes them */
        if (a.co) {
            qemu_coroutine_enter(a.co);
        }
        if (b.co) {
            qemu_coroutine_enter(b.co);
        }
    }
    CHECK_EQ(a.result, STREAM_SIZE);
    CHECK_EQ(b.result, STREAM_SIZE);
    CHECK(memcmp(a.data + 10, b.data + 10, STREAM_SIZE) == 0);
    CHECK(b.data[0] == 0 && b.data[9] == 0);
    free(a.data);
    free(b.data);
    close(fds[0]);
    close(fds[1]);
}

static ssize_t ends[3];

static void coroutine_fn ends_and_errors(void *opaque)
{
    int *fds = opaque;
    char text[8] = "";

    ends[0] = qemu_co_send(fds[0], (char *)"abc", 3);
    shutdown(fds[0], SHUT_WR);
    ends[1] = qemu_co_recv(fds[1], text, sizeof text);
    CHECK(memcmp(text, "abc", 3) == 0);
    ends[2] = qemu_co_recv(-1, text, sizeof text);
    running--;
}

static void test_stream_ends(void)
{
    int fds[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    start(ends_and_errors, fds);
    CHECK_EQ(running, 0);
    CHECK(ends[0] == 3 && ends[1] == 3 && ends[2] == -EBADF);
    close(fds[0]);
    close(fds[1]);
}

static void coroutine_fn wait_for_bytes(void *opaque)
{
    int *fds = opaque;
    char c;

    for (int i = 0; i < 3; i++) {
        yield_until_fd_readable(fds[0]);
        CHECK_EQ(read(fds[0], &c, 1), 1);
        CHECK_EQ(c, 'a' + i);
    }
    running--;
}

static void coroutine_fn write_bytes(void *opaque)
{
    int *fds = opaque;

    for (char c = 'a'; c < 'd'; c++) {
        co_sleep_ns(SCALE_MS);
        CHECK_EQ(write(fds[1], &c, 1), 1);
    }
    running--;
}

static void test_readable(void)
{
    int fds[2];

    setup();
    CHECK(pipe(fds) == 0);
    start(wait_for_bytes, fds);
    start(write_bytes, fds);
    finish();
    close(fds[0]);
    close(fds[1]);
    teardown();
}

/* ---- moving between threads ---- */

QEMU_DEFINE_STATIC_CO_TLS(int, thread_number)
static __thread int plain_number;

static AioContext *other_ctx;

static void *run_other(void *opaque)
{
    (void)opaque;
    set_thread_number(2);
    plain_number = 2;
    loop_run(other_ctx);
    loop_free(other_ctx);
    return NULL;
}

/* Thread-local variables are those of the thread it is in now: by accessor, and, where nobody
 * switches stacks under the compiler, by their names and in library functions as well. */
static __attribute__((noinline)) void check_thread(int number, pthread_t home_thread)
{
    CHECK_EQ(get_thread_number(), number);
    CHECK_EQ(*get_ptr_thread_number(), number);
    CHECK_EQ(!!pthread_equal(home_thread, pthread_self()), number == 1);
}

#ifdef __CPC__
#define CHECK_PLAIN(number) \
    do { \
        CHECK_EQ(plain_number, number); \
        CHECK_EQ(!!pthread_equal(first, pthread_self()), number == 1); \
    } while (0)
#else
#define CHECK_PLAIN(number) (void)first
#endif

static void coroutine_fn travel(void *opaque)
{
    pthread_t first = pthread_self();

    (void)opaque;
    set_thread_number(1);
    plain_number = 1;
    for (int i = 0; i < 200; i++) {
        aio_co_reschedule_self(other_ctx);
        CHECK(qemu_get_current_aio_context() == other_ctx);
        CHECK(qemu_coroutine_get_aio_context(qemu_coroutine_self()) == other_ctx);
        check_thread(2, first);
        CHECK_PLAIN(2);
        aio_co_reschedule_self(other_ctx); /* it is there */
        aio_co_reschedule_self(ctx);
        check_thread(1, first);
        CHECK_PLAIN(1);
    }
    running--;
}

static void test_reschedule(void)
{
    pthread_t thread;

    setup();
    CHECK_EQ(loop_new(&other_ctx), 0);
    CHECK(pthread_create(&thread, NULL, run_other, NULL) == 0);
    start(travel, NULL);
    finish();
    loop_stop(other_ctx);
    pthread_join(thread, NULL);
    teardown();
}

/* ---- bottom halves ---- */

static QEMUBH *bhs[3];
static char ran[32];

static void run_first(void *opaque)
{
    strcat(ran, opaque);
    if (strlen(ran) < 3) {
        qemu_bh_schedule(bhs[0]); /* again, in the next turn */
    }
}

static void run_second(void *opaque)
{
    strcat(ran, opaque);
    qemu_bh_delete(bhs[1]); /* itself */
    bhs[1] = NULL;
}

static void run_never(void *opaque)
{
    (void)opaque;
    CHECK(!"a cancelled or deleted bottom half runs");
}

static void test_bottom_halves(void)
{
    setup();
    bhs[0] = aio_bh_new(ctx, run_first, (char *)"a");
    bhs[1] = aio_bh_new(ctx, run_second, (char *)"b");
    bhs[2] = aio_bh_new(ctx, run_never, NULL);
    CHECK(!aio_poll(ctx, false));
    qemu_bh_schedule(bhs[0]);
    qemu_bh_schedule(bhs[0]);
    qemu_bh_schedule(bhs[1]);
    qemu_bh_schedule(bhs[2]);
    qemu_bh_cancel(bhs[2]);
    while (aio_poll(ctx, false)) {
    }
    CHECK(strcmp(ran, "aba") == 0);
    qemu_bh_schedule(bhs[2]);
    qemu_bh_delete(bhs[2]);
    qemu_bh_call(bhs[0]);
    CHECK(strcmp(ran, "abaa") == 0);
    qemu_bh_delete(bhs[0]);
    while (aio_poll(ctx, false)) {
    }
    teardown();
}

/* Schedule from threads: the call is due at least once after the last schedule, and no schedule is
 * lost. */
static int scheduled, seen;
static QEMUBH *shared_bh;

static void count_scheduled(void *opaque)
{
    (void)opaque;
    seen = __atomic_load_n(&scheduled, __ATOMIC_ACQUIRE);
}

static void *schedule_often(void *opaque)
{
    (void)opaque;
    for (int i = 0; i < 20000; i++) {
        __atomic_fetch_add(&scheduled, 1, __ATOMIC_RELEASE);
        qemu_bh_schedule(shared_bh);
    }
    return NULL;
}

static void test_bh_threads(void)
{
    pthread_t threads[3];

    setup();
    shared_bh = aio_bh_new(ctx, count_scheduled, NULL);
    for (int i = 0; i < 3; i++) {
        CHECK(pthread_create(&threads[i], NULL, schedule_often, NULL) == 0);
    }
    while (seen < 60000) {
        aio_poll(ctx, true);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    qemu_bh_delete(shared_bh);
    teardown();
}

static void set_flag(void *opaque)
{
    *(bool *)opaque = true;
}

static void test_main_loop(void)
{
    bool called = false;

    CHECK(!qemu_get_aio_context());
    CHECK_EQ(qemu_init_main_loop(NULL), 0);
    CHECK(qemu_get_aio_context() == qemu_get_current_aio_context());
    QEMUBH *bh = qemu_bh_new(set_flag, &called);
    qemu_bh_schedule(bh);
    while (!called) {
        main_loop_wait(false);
    }
    qemu_bh_delete(bh);
    main_loop_wait(true);
    loop_free(qemu_get_aio_context());
}

static const struct test tests[] = {
    { "sleep", test_sleep },
    { "timeout", test_timeout },
    { "shared-resource", test_shared_resource },
    { "tasks", test_tasks },
    { "thread-pool", test_thread_pool },
    { "streams", test_streams },
    { "stream-ends", test_stream_ends },
    { "readable", test_readable },
    { "reschedule", test_reschedule },
    { "bottom-halves", test_bottom_halves },
    { "bh-threads", test_bh_threads },
    { "main-loop", test_main_loop },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
