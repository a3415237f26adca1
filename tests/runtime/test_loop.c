/* The event loop with both back ends (CPC_AIO): handlers, timers, bottom halves, calls and
 * coroutines from other threads, nesting. */
#include "test.h"

#include "co.h"
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static AioContext *ctx;

static void setup(void)
{
    const char *wanted = getenv("CPC_AIO");

    CHECK_EQ(loop_new(&ctx), 0);
    CHECK(!wanted || strcmp(loop_backend_name(ctx), wanted) == 0);
    CHECK(!qemu_get_current_aio_context());
    loop_attach(ctx);
    CHECK(qemu_get_current_aio_context() == ctx);
}

static void teardown(void)
{
    loop_free(ctx);
    CHECK(!qemu_get_current_aio_context());
}

static void enter_with(CoroutineEntry *entry, void *opaque)
{
    qemu_coroutine_enter(qemu_coroutine_create(entry, opaque));
}

/* ---- back ends ---- */

/* From now on this process gets EPERM from io_uring_setup, as in many containers. */
static void refuse_io_uring(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof code / sizeof code[0], code };

    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void check_refused(void)
{
    AioContext *made;

    refuse_io_uring();
    setenv("CPC_AIO", "io_uring", 1);
    CHECK_EQ(loop_new(&made), -EPERM);
    unsetenv("CPC_AIO");
    CHECK_EQ(loop_new(&made), 0);
    CHECK(strcmp(loop_backend_name(made), "epoll") == 0);
    loop_free(made);
}

/* Where io_uring is refused the loop says so and uses epoll, unless io_uring is demanded. */
static void test_refused(void)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        check_refused();
        _exit(0);
    }
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
}

/* ---- handlers ---- */

struct counter {
    int fd;
    uint64_t reads, total;
};

static void count_reads(void *opaque)
{
    struct counter *counter = opaque;
    uint64_t value;

    CHECK(!qemu_in_coroutine());
    if (read(counter->fd, &value, sizeof value) == sizeof value) {
        counter->reads++;
        counter->total += value;
    }
}

static void add(int fd, uint64_t n)
{
    CHECK(write(fd, &n, sizeof n) == sizeof n);
}

static void test_fd_handler(void)
{
    struct counter counter = { eventfd(0, EFD_NONBLOCK), 0, 0 };

    setup();
    CHECK_EQ(aio_set_fd_handler(ctx, counter.fd, count_reads, &counter), 0);
    CHECK(!aio_poll(ctx, false));
    for (uint64_t i = 1; i <= 100; i++) {
        add(counter.fd, i);
        while (counter.reads < i) {
            CHECK(aio_poll(ctx, true));
        }
    }
    CHECK_EQ(counter.total, 5050);
    CHECK_EQ(aio_set_fd_handler(ctx, counter.fd, NULL, NULL), 0);
    add(counter.fd, 1);
    for (int i = 0; i < 5; i++) {
        aio_poll(ctx, false);
    }
    CHECK_EQ(counter.total, 5050);
    close(counter.fd);
    teardown();
}

static void count_only(void *opaque)
{
    ++*(int *)opaque;
}

/* Level-triggered: called again as long as nobody reads. */
static void test_level_triggered(void)
{
    int fd = eventfd(1, EFD_NONBLOCK);
    int calls = 0;

    setup();
    CHECK_EQ(aio_set_fd_handler(ctx, fd, count_only, &calls), 0);
    while (calls < 5) {
        aio_poll(ctx, true);
    }
    aio_set_fd_handler(ctx, fd, NULL, NULL);
    aio_poll(ctx, false);
    close(fd);
    teardown();
}

struct replaced {
    int fd, old_calls, new_calls;
};

static void new_handler(void *opaque)
{
    struct replaced *replaced = opaque;

    replaced->new_calls++;
    aio_set_fd_handler(ctx, replaced->fd, NULL, NULL);
}

static void old_handler(void *opaque)
{
    struct replaced *replaced = opaque;

    replaced->old_calls++;
    aio_set_fd_handler(ctx, replaced->fd, NULL, NULL);
    aio_set_fd_handler(ctx, replaced->fd, new_handler, replaced);
}

/* A handler removes itself and sets another; that one removes itself, too. */
static void test_replace_handler(void)
{
    struct replaced replaced = { .fd = eventfd(1, EFD_NONBLOCK) };

    setup();
    aio_set_fd_handler(ctx, replaced.fd, old_handler, &replaced);
    while (!replaced.new_calls) {
        aio_poll(ctx, true);
    }
    aio_poll(ctx, false);
    CHECK_EQ(replaced.old_calls, 1);
    CHECK_EQ(replaced.new_calls, 1);
    close(replaced.fd);
    teardown();
}

#define N_FDS 600

/* More handlers than the submission queue has room for. */
static void test_many_fds(void)
{
    static struct counter counters[N_FDS];
    struct rlimit limit = { 4096, 4096 };
    uint64_t seen = 0;

    setrlimit(RLIMIT_NOFILE, &limit);
    setup();
    for (int i = 0; i < N_FDS; i++) {
        counters[i] = (struct counter){ eventfd(0, EFD_NONBLOCK), 0, 0 };
        CHECK(counters[i].fd >= 0);
        CHECK_EQ(aio_set_fd_handler(ctx, counters[i].fd, count_reads, &counters[i]), 0);
    }
    for (int i = 0; i < N_FDS; i++) {
        add(counters[i].fd, 1);
    }
    while (seen < N_FDS) {
        aio_poll(ctx, true);
        seen = 0;
        for (int i = 0; i < N_FDS; i++) {
            seen += counters[i].reads;
        }
    }
    for (int i = 0; i < N_FDS; i++) {
        CHECK_EQ(counters[i].total, 1);
        aio_set_fd_handler(ctx, counters[i].fd, NULL, NULL);
    }
    while (aio_poll(ctx, false)) {
    }
    for (int i = 0; i < N_FDS; i++) {
        close(counters[i].fd);
    }
    teardown();
}

/* ---- timers and sleeping ---- */

static char fired[64];

static void note_timer(void *opaque)
{
    fired[strlen(fired)] = *(const char *)opaque;
}

static void test_timers(void)
{
    struct loop_timer timers[5];
    int64_t now = loop_now_ns();
    const int delay_ms[] = { 30, 10, 20, 10, 15 };

    setup();
    memset(fired, 0, sizeof fired);
    for (int i = 0; i < 5; i++) {
        loop_timer_init(&timers[i], ctx, note_timer, (void *)&"abcde"[i]);
        loop_timer_set(&timers[i], now + delay_ms[i] * 1000000LL);
    }
    loop_timer_cancel(&timers[4]);
    loop_timer_cancel(&timers[4]);
    loop_timer_set(&timers[2], now + 5000000);
    while (strlen(fired) < 4) {
        aio_poll(ctx, true);
    }
    CHECK(strcmp(fired, "cbda") == 0);
    CHECK(loop_now_ns() >= now + 30000000);
    teardown();
}

static unsigned random_state = 1;

static unsigned next_random(void)
{
    random_state = random_state * 1103515245 + 12345;
    return random_state >> 8;
}

static int64_t last_deadline;
static int n_fired;

static void check_sorted(void *opaque)
{
    struct loop_timer *timer = opaque;

    CHECK(timer->deadline >= last_deadline);
    last_deadline = timer->deadline;
    n_fired++;
}

/* Many timers set, moved and cancelled at random fire in the order of their deadlines, once
 * each. */
static void test_timer_heap(void)
{
    static struct loop_timer timers[500];
    int n_set = 0;

    setup();
    for (int i = 0; i < 500; i++) {
        loop_timer_init(&timers[i], ctx, check_sorted, &timers[i]);
    }
    for (int i = 0; i < 5000; i++) {
        struct loop_timer *timer = &timers[next_random() % 500];
        if (next_random() % 3) {
            loop_timer_set(timer, 1 + next_random() % 1000000);
        } else {
            loop_timer_cancel(timer);
        }
    }
    for (int i = 0; i < 500; i++) {
        n_set += timers[i].slot != 0;
    }
    CHECK(n_set > 100);
    last_deadline = n_fired = 0;
    while (n_fired < n_set) {
        aio_poll(ctx, true);
    }
    CHECK(!aio_poll(ctx, false));
    CHECK_EQ(n_fired, n_set);
    teardown();
}

static int running;

static void coroutine_fn sleep_and_note(void *opaque)
{
    const char *name = opaque;
    int64_t ns = (*name - 'a') * 2000000;
    int64_t start = loop_now_ns();

    running++;
    co_sleep_ns(ns);
    CHECK(loop_now_ns() - start >= ns);
    note_timer((void *)name);
    qemu_co_sleep_ns(QEMU_CLOCK_REALTIME, ns / 2);
    running--;
}

static void test_sleep_order(void)
{
    static const char names[] = "ecadb";

    setup();
    memset(fired, 0, sizeof fired);
    for (int i = 0; i < 5; i++) {
        enter_with(sleep_and_note, (void *)&names[i]);
    }
    while (running) {
        aio_poll(ctx, true);
    }
    CHECK(strcmp(fired, "abcde") == 0);
    teardown();
}

static void enter_sleeper(void)
{
    Coroutine *co = qemu_coroutine_create(sleep_and_note, (void *)"c");

    qemu_coroutine_enter(co);
    qemu_coroutine_enter(co);
}

static void test_enter_sleeper(void)
{
    setup();
    CHECK_FATAL(enter_sleeper(), "Co-routine was already scheduled in 'co_sleep_ns'");
    teardown();
}

/* ---- bottom halves ---- */

static void note_bh(void *opaque)
{
    note_timer(opaque);
}

static void nest_bh(void *opaque)
{
    note_timer(opaque);
    aio_bh_schedule_oneshot(ctx, note_bh, (void *)"n");
    /* The rest of the outer turn is ready, and a nested turn must run it. */
    while (!strchr(fired, 'n')) {
        aio_poll(ctx, true);
    }
    note_timer((void *)"!");
}

static void test_bh_order(void)
{
    setup();
    memset(fired, 0, sizeof fired);
    aio_bh_schedule_oneshot(ctx, note_bh, (void *)"a");
    aio_bh_schedule_oneshot(ctx, nest_bh, (void *)"b");
    aio_bh_schedule_oneshot(ctx, note_bh, (void *)"c");
    while (aio_poll(ctx, false)) {
    }
    CHECK(strcmp(fired, "abcn!") == 0);
    teardown();
}

static void *notify(void *opaque)
{
    usleep(20000);
    aio_notify(opaque);
    return NULL;
}

static void test_notify(void)
{
    pthread_t thread;

    setup();
    CHECK(pthread_create(&thread, NULL, notify, ctx) == 0);
    aio_poll(ctx, true);
    pthread_join(thread, NULL);
    teardown();
}

/* ---- other threads ---- */

static void *run_loop(void *opaque)
{
    loop_run(opaque);
    return NULL;
}

struct sync {
    pthread_t home;
    long sum;
};

static void add_in_home(void *opaque)
{
    struct sync *sync = opaque;

    CHECK(pthread_equal(pthread_self(), sync->home));
    sync->sum++;
    if (sync->sum == 1) {
        loop_call_sync(qemu_get_current_aio_context(), add_in_home, sync);
    }
}

static struct sync shared_sync;

static void *call_often(void *opaque)
{
    for (int i = 0; i < 2000; i++) {
        loop_call_sync(opaque, add_in_home, &shared_sync);
    }
    return NULL;
}

/* Thousands of synchronous calls from two threads: none is lost, whatever the loop is about to
 * do. */
static void test_call_sync(void)
{
    pthread_t callers[2];
    AioContext *other;

    CHECK_EQ(loop_new(&other), 0);
    CHECK(pthread_create(&shared_sync.home, NULL, run_loop, other) == 0);
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_create(&callers[i], NULL, call_often, other) == 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(callers[i], NULL);
    }
    CHECK_EQ(shared_sync.sum, 4001);
    loop_stop(other);
    pthread_join(shared_sync.home, NULL);
    loop_free(other);
}

/* pthread_self() is declared to be constant, which on switched stacks it is not: there, the
 * compiler must not see it.  (Under cpc it could stand in the coroutine.) */
static __attribute__((noinline)) int in_thread(pthread_t thread)
{
    __asm__ volatile("");
    return pthread_equal(pthread_self(), thread);
}

struct move {
    Coroutine *co;
    AioContext *to;
};

static void schedule_moved(void *opaque)
{
    struct move *move = opaque;

    aio_co_schedule(move->to, move->co);
}

/* The other thread may enter the coroutine only when it has yielded, hence a bottom half. */
static void coroutine_fn move_to(AioContext *to)
{
    struct move move = { qemu_coroutine_self(), to };

    aio_bh_schedule_oneshot(qemu_get_current_aio_context(), schedule_moved, &move);
    qemu_coroutine_yield();
    CHECK(qemu_get_current_aio_context() == to);
}

struct hopper {
    AioContext *contexts[2];
    pthread_t homes[2];
    int hops, done; /* done: atomic */
};

static void coroutine_fn hop(void *opaque)
{
    struct hopper *hopper = opaque;

    for (int i = 0; i < hopper->hops; i++) {
        CHECK(in_thread(hopper->homes[i % 2]));
        CHECK(qemu_coroutine_get_aio_context(qemu_coroutine_self()) == hopper->contexts[i % 2]);
        aio_co_schedule(hopper->contexts[i % 2], qemu_coroutine_self());
        qemu_coroutine_yield();
        CHECK(in_thread(hopper->homes[i % 2]));
        co_sleep_ns(0);
        move_to(hopper->contexts[(i + 1) % 2]);
    }
    __atomic_add_fetch(&hopper->done, 1, __ATOMIC_RELEASE);
}

/* Coroutines move between two threads, whose thread-local state they see right each time. */
static void test_cross_thread(void)
{
    struct hopper hopper = { .hops = 50 };

    for (int i = 0; i < 2; i++) {
        CHECK_EQ(loop_new(&hopper.contexts[i]), 0);
        CHECK(pthread_create(&hopper.homes[i], NULL, run_loop, hopper.contexts[i]) == 0);
    }
    for (int i = 0; i < 40; i++) {
        aio_co_schedule(hopper.contexts[0], qemu_coroutine_create(hop, &hopper));
    }
    while (__atomic_load_n(&hopper.done, __ATOMIC_ACQUIRE) < 40) {
        usleep(1000);
    }
    for (int i = 0; i < 2; i++) {
        loop_stop(hopper.contexts[i]);
        pthread_join(hopper.homes[i], NULL);
    }
    loop_free(hopper.contexts[0]);
    loop_free(hopper.contexts[1]);
}

static void test_stop_first(void)
{
    AioContext *other;

    CHECK_EQ(loop_new(&other), 0);
    loop_stop(other);
    loop_run(other);
    loop_free(other);
}

static void schedule_twice(AioContext *to)
{
    Coroutine *co = qemu_coroutine_create(sleep_and_note, NULL);

    aio_co_schedule(to, co);
    aio_co_schedule(to, co);
}

static void test_schedule_twice(void)
{
    setup();
    CHECK_FATAL(schedule_twice(ctx), "Co-routine was already scheduled in 'aio_co_schedule'");
    teardown();
}

static const struct test tests[] = {
    { "refused", test_refused },
    { "fd-handler", test_fd_handler },
    { "level-triggered", test_level_triggered },
    { "replace-handler", test_replace_handler },
    { "many-fds", test_many_fds },
    { "timers", test_timers },
    { "timer-heap", test_timer_heap },
    { "sleep-order", test_sleep_order },
    { "enter-sleeper", test_enter_sleeper },
    { "bh-order", test_bh_order },
    { "notify", test_notify },
    { "call-sync", test_call_sync },
    { "cross-thread", test_cross_thread },
    { "stop-first", test_stop_first },
    { "schedule-twice", test_schedule_twice },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
