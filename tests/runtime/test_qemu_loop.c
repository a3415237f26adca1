/* What QEMU's code expects of an event loop besides coroutines, under QEMU's names: timers, idle and
 * guarded bottom halves, AIO_WAIT_WHILE, iothreads, semaphores. */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "block/aio-wait.h"
#include "system/iothread.h"

#include "test.h"

static char log_[64];

static void note(void *opaque)
{
    size_t n = strlen(log_);

    log_[n] = *(const char *)opaque;
    log_[n + 1] = '\0';
}

static AioContext *begin(void)
{
    if (!qemu_get_aio_context()) {
        CHECK_EQ(qemu_init_main_loop(NULL), 0);
    }
    log_[0] = '\0';
    return qemu_get_aio_context();
}

static int64_t now_ns(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
}

static void wait_for(size_t length)
{
    while (strlen(log_) < length) {
        main_loop_wait(false);
    }
}

/* ---- timers ---- */

static void test_timer_order(void)
{
    QEMUTimer embedded, *timers[3];
    int64_t base = now_ns() + SCALE_MS;

    begin();
    timer_init_ns(&embedded, QEMU_CLOCK_VIRTUAL, note, "d");
    timers[0] = timer_new_ns(QEMU_CLOCK_REALTIME, note, "a");
    timers[1] = timer_new_us(QEMU_CLOCK_REALTIME, note, "b");
    timers[2] = timer_new_ms(QEMU_CLOCK_REALTIME, note, "c");
    timer_mod(&embedded, base + 300);
    timer_mod_ns(timers[2], base + 200);
    timer_mod(timers[0], base);
    timer_mod_ns(timers[1], base);
    CHECK(timer_pending(timers[0]) && timer_expire_time_ns(timers[0]) == (uint64_t)base);
    wait_for(4);
    CHECK(strcmp(log_, "abcd") == 0);
    CHECK(now_ns() >= base + 300);
    CHECK(!timer_pending(timers[0]) && timer_expire_time_ns(timers[0]) == UINT64_MAX);
    timer_deinit(&embedded);
    for (int i = 0; i < 3; i++) {
        timer_free(timers[i]);
    }
    timer_free(NULL);
}

static void test_timer_changes(void)
{
    QEMUTimer *a, *b, *c;
    int64_t start = now_ns(), far = start + 3600 * NANOSECONDS_PER_SECOND;

    begin();
    a = timer_new_ns(QEMU_CLOCK_REALTIME, note, "a");
    b = timer_new_ms(QEMU_CLOCK_HOST, note, "b");
    c = timer_new_ns(QEMU_CLOCK_REALTIME, note, "c");
    timer_mod(a, start);
    timer_mod(a, far); /* later: replaced */
    timer_mod(c, start);
    timer_del(c);
    timer_del(c);
    timer_mod_anticipate(a, far + 1);
    CHECK_EQ((int64_t)timer_expire_time_ns(a), far);
    CHECK(timer_expired(a, far) && !timer_expired(a, start) && !timer_expired(NULL, far));
    timer_mod(b, qemu_clock_get_ms(QEMU_CLOCK_HOST) + 2);
    CHECK(timer_expired(b, qemu_clock_get_ms(QEMU_CLOCK_HOST) + 5));
    wait_for(1);
    CHECK(strcmp(log_, "b") == 0);
    CHECK(now_ns() >= start + SCALE_MS);
    timer_mod_anticipate_ns(a, -5); /* long ago */
    CHECK_EQ((int64_t)timer_expire_time_ns(a), 0);
    main_loop_wait(true);
    CHECK(strcmp(log_, "ba") == 0);
    timer_mod(c, far);
    timer_free(a);
    timer_free(b);
    timer_free(c); /* set */
}

static QEMUTimer again_timer;
static int again_calls;

static void again(void *opaque)
{
    QEMUTimer other;

    if (++again_calls < 5) {
        timer_mod(&again_timer, 0); /* the past: in the next turn, not now */
    }
    if (again_calls == 2) { /* a turn inside the call runs other timers, that of `far` not */
        timer_init_ms(&other, QEMU_CLOCK_REALTIME, note, opaque);
        timer_mod_ns(&other, now_ns() + SCALE_MS);
        wait_for(1);
        timer_deinit(&other);
    }
}

static void test_timer_in_calls(void)
{
    begin();
    again_calls = 0;
    timer_init_ns(&again_timer, QEMU_CLOCK_REALTIME, again, "n");
    timer_mod(&again_timer, 0);
    main_loop_wait(true);
    CHECK_EQ(again_calls, 1);
    while (again_calls < 5) {
        main_loop_wait(false);
    }
    CHECK(strcmp(log_, "n") == 0);
    CHECK(!timer_pending(&again_timer));
}

/* ---- bottom halves ---- */

static QEMUBH *idle_bh;
static int idle_left;

static void idle_again(void *opaque)
{
    note(opaque);
    if (--idle_left > 0) {
        qemu_bh_schedule_idle(idle_bh);
    }
}

static void test_bh_idle(void)
{
    AioContext *ctx = begin();
    int64_t start = now_ns();

    idle_left = 3;
    idle_bh = qemu_bh_new(idle_again, "i");
    qemu_bh_schedule_idle(idle_bh);
    CHECK(!aio_poll(ctx, false)); /* called, but nothing that counts */
    CHECK(strcmp(log_, "i") == 0);
    wait_for(3); /* blocking: 10 ms at most each */
    CHECK(now_ns() - start < 10 * NANOSECONDS_PER_SECOND);
    qemu_bh_schedule_idle(idle_bh);
    qemu_bh_schedule(idle_bh); /* once all the same */
    qemu_bh_schedule_idle(idle_bh);
    while (aio_poll(ctx, false)) {
    }
    main_loop_wait(true);
    CHECK(strcmp(log_, "iiii") == 0);
    qemu_bh_schedule_idle(idle_bh);
    qemu_bh_cancel(idle_bh);
    main_loop_wait(true);
    qemu_bh_schedule_idle(idle_bh);
    qemu_bh_delete(idle_bh);
    main_loop_wait(true);
    CHECK(strcmp(log_, "iiii") == 0);
}

static MemReentrancyGuard guard;

static void in_guard(void *opaque)
{
    CHECK(guard.engaged_in_io);
    note(opaque);
}

static void test_bh_guarded(void)
{
    AioContext *ctx = begin();
    QEMUBH *bh = qemu_bh_new_guarded(in_guard, "g", &guard);

    qemu_bh_schedule(bh);
    aio_bh_schedule_oneshot_full(ctx, note, "o", "one");
    CHECK(aio_bh_poll(ctx));
    CHECK(strcmp(log_, "go") == 0 && !guard.engaged_in_io);
    CHECK(!aio_bh_poll(ctx));
    guard.engaged_in_io = true;
    qemu_bh_call(bh);
    CHECK(guard.engaged_in_io);
    guard.engaged_in_io = false;
    qemu_bh_delete(bh);
    bh = aio_bh_new_full(ctx, note, "f", "full", NULL);
    qemu_bh_schedule(bh);
    qemu_notify_event();
    wait_for(4);
    qemu_bh_delete(bh);
    main_loop_wait(true);
}

/* ---- iothreads ---- */

static void test_iothread(void)
{
    AioContext *ctx;
    IOThread *first = iothread_create("disk0", NULL), *second = iothread_new();
    char *id = iothread_get_id(second);

    begin();
    CHECK(iothread_by_id("disk0") == first && iothread_by_id(id) == second);
    CHECK(iothread_get_aio_context(first) != iothread_get_aio_context(second));
    free(id);
    ctx = iothread_get_aio_context(second);
    aio_context_ref(ctx);
    iothread_stop(first);
    iothread_stop(first);
    iothread_destroy(first);
    iothread_join(second);
    CHECK(!iothread_by_id("disk0"));
    aio_context_unref(ctx);
}

struct move {
    AioContext *home, *away;
    int64_t steps;
    bool done; /* atomic */
};

static void coroutine_fn move_entry(void *opaque)
{
    struct move *move = opaque;

    for (int i = 0; i < 100; i++) {
        aio_co_reschedule_self(move->away);
        move->steps += in_aio_context_home_thread(move->away);
        aio_co_reschedule_self(move->home);
        move->steps += in_aio_context_home_thread(move->home);
    }
    aio_co_reschedule_self(move->away);
    qemu_co_sleep_ns(QEMU_CLOCK_REALTIME, SCALE_MS);
    __atomic_store_n(&move->done, true, __ATOMIC_RELEASE);
    aio_wait_kick();
}

static void set_away(void *opaque)
{
    struct move *move = opaque;

    CHECK(in_aio_context_home_thread(move->away));
    move->steps = -move->steps;
}

static void test_wait_while(void)
{
    IOThread *iothread = iothread_new();
    struct move move = { begin(), iothread_get_aio_context(iothread), 0, false };
    QEMUBH *bh;

    qemu_coroutine_enter(qemu_coroutine_create(move_entry, &move));
    CHECK(AIO_WAIT_WHILE(move.away, !__atomic_load_n(&move.done, __ATOMIC_ACQUIRE)));
    CHECK(!AIO_WAIT_WHILE_UNLOCKED(NULL, false));
    CHECK_EQ(move.steps, 200);
    aio_wait_bh_oneshot(move.away, set_away, &move);
    CHECK_EQ(move.steps, -200);
    bh = qemu_bh_new(note, "w");
    qemu_bh_schedule(bh);
    CHECK(AIO_WAIT_WHILE(move.home, log_[0] == '\0'));
    qemu_bh_delete(bh);
    main_loop_wait(true);
    iothread_join(iothread);
}

static QemuSemaphore posted;

static void post(void *opaque)
{
    (void)opaque;
    qemu_sem_post(&posted);
}

/* Timers and idle bottom halves of a context, from a thread that is not its home. */
static void test_other_thread(void)
{
    IOThread *iothread = iothread_new();
    AioContext *ctx = iothread_get_aio_context(iothread);
    QEMUTimer *timer = aio_timer_new(ctx, QEMU_CLOCK_REALTIME, SCALE_MS, post, NULL), never;
    QEMUBH *bh = aio_bh_new(ctx, post, NULL);

    qemu_sem_init(&posted, 1);
    qemu_sem_wait(&posted);
    CHECK_EQ(qemu_sem_timedwait(&posted, 1), -1);
    aio_timer_init(ctx, &never, QEMU_CLOCK_REALTIME, SCALE_NS, post, NULL);
    for (int i = 0; i < 50; i++) {
        timer_mod_ns(&never, now_ns() + 3600 * NANOSECONDS_PER_SECOND);
        timer_mod_ns(timer, now_ns() + i % 3 * 1000);
        qemu_sem_wait(&posted);
        CHECK(!timer_pending(timer) && timer_pending(&never));
        qemu_bh_schedule_idle(bh);
        CHECK_EQ(qemu_sem_timedwait(&posted, 60000), 0);
        timer_del(&never);
    }
    CHECK_EQ(qemu_sem_timedwait(&posted, 0), -1);
    qemu_bh_delete(bh);
    timer_free(timer);
    iothread_join(iothread);
    qemu_sem_destroy(&posted);
}

static void *exits(void *opaque)
{
    qemu_thread_exit(opaque);
}

static void test_thread_exit(void)
{
    QemuThread thread;
    int value;

    qemu_thread_create(&thread, "exits", exits, &value, QEMU_THREAD_JOINABLE);
    CHECK(qemu_thread_join(&thread) == &value);
}

static const struct test tests[] = {
    { "timer-order", test_timer_order },
    { "timer-changes", test_timer_changes },
    { "timer-in-calls", test_timer_in_calls },
    { "bh-idle", test_bh_idle },
    { "bh-guarded", test_bh_guarded },
    { "iothread", test_iothread },
    { "wait-while", test_wait_while },
    { "other-thread", test_other_thread },
    { "thread-exit", test_thread_exit },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
