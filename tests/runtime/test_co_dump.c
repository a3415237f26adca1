/* co_dump: states, logical backtraces through several levels, loops and switches of state, and
 * the pool. */
#include "test.h"

#include "co.h"

/* Replaces addresses, which differ from run to run, and directories. */
static void normalise(char *text)
{
    char *out = text;

    for (char *in = text; *in;) {
        if (strncmp(in, "0x", 2) == 0) {
            in += 2 + strspn(in + 2, "0123456789abcdef");
            *out++ = '*';
        } else if (strncmp(in, " at ", 4) == 0) {
            char *name = in + 4;
            for (char *c = name; *c != '\n'; c++) {
                name = *c == '/' ? c + 1 : name;
            }
            memmove(out, " at ", 4);
            out += 4;
            in = name;
        } else {
            *out++ = *in++;
        }
    }
    *out = '\0';
}

static char *dumped(void)
{
    static char text[8192];
    int ends[2];
    ssize_t n;

    CHECK(pipe(ends) == 0);
    co_dump_fd(ends[1]);
    close(ends[1]);
    n = read(ends[0], text, sizeof text - 1);
    CHECK(n >= 0);
    text[n] = '\0';
    close(ends[0]);
    normalise(text);
    return text;
}

static void check_dump(const char *expected)
{
    const char *got = dumped();

    if (strcmp(got, expected) != 0) {
        fprintf(stderr, "--- expected\n%s--- got\n%s", expected, got);
        CHECK(!"the dump is as expected");
    }
}

#ifdef __CPC__
#define STACK(frames) frames
#else
#define STACK(frames) "  (on a stack of its own)\n"
#endif

#line 98 "dump.c"
static int coroutine_fn leaf(int n)
{
    qemu_coroutine_yield();
    if (n > 1) {
        qemu_coroutine_yield();
    }
    return n;
}

static int coroutine_fn middle(int n)
{
    int sum = 0;

    for (int i = 1; i <= n; i++) {
#line 200
        sum += leaf(i);
    }
    return sum;
}

static void coroutine_fn outer(void *opaque)
{
#line 300
    *(int *)opaque = middle(2);
}

static int n_woken;

#line 398
static void coroutine_fn waits(void *opaque)
{
    qemu_co_queue_wait((CoQueue *)opaque, NULL);
    n_woken++; /* so that this frame is needed */
}

#line 100 "test_co_dump.c"
static void coroutine_fn dumps_itself(void *opaque)
{
    (void)opaque;
    check_dump("coroutine *: running\n1 live coroutines\n");
}

static void test_states(void)
{
    Coroutine *co = qemu_coroutine_create(dumps_itself, NULL);

    check_dump("coroutine *: not started\n1 live coroutines\n");
    qemu_coroutine_enter(co);
    check_dump("0 live coroutines\n");
}

static void test_backtrace(void)
{
    int result = 0;
    Coroutine *co = qemu_coroutine_create(outer, &result);

    qemu_coroutine_enter(co);
    check_dump("coroutine *: suspended\n"
               STACK("  #0 leaf at dump.c:100\n"
                     "  #1 middle at dump.c:200\n  #2 outer at dump.c:300\n")
               "1 live coroutines\n");
    qemu_coroutine_enter(co);
    qemu_coroutine_enter(co);
    check_dump("coroutine *: suspended\n"
               STACK("  #0 leaf at dump.c:102\n"
                     "  #1 middle at dump.c:200\n  #2 outer at dump.c:300\n")
               "1 live coroutines\n");
    qemu_coroutine_enter(co);
    CHECK_EQ(result, 3);
    check_dump("0 live coroutines\n");
}

static void coroutine_fn wakes(void *opaque)
{
    qemu_co_queue_restart_all(opaque);
}

/* What a coroutine waits for is named, and the runtime's own frames are shown like any other. */
static void test_waiting(void)
{
    CoQueue queue;
    Coroutine *co = qemu_coroutine_create(waits, &queue);

    qemu_co_queue_init(&queue);
    qemu_coroutine_enter(co);
    const char *text = dumped();
    CHECK(strncmp(text, "coroutine *: suspended in qemu_co_queue_wait\n", 45) == 0);
#ifdef __CPC__
    CHECK(strstr(text, "  #0 qemu_co_queue_wait_impl at co_queue.c:"));
    CHECK(strstr(text, "  #1 waits at dump.c:400\n1 live coroutines\n"));
#endif
    qemu_coroutine_enter(qemu_coroutine_create(wakes, &queue));
    check_dump("0 live coroutines\n");
}

/* The signal's handler dumps to standard error, and the program goes on. */
static void test_signal(void)
{
    CoQueue queue;
    Coroutine *co = qemu_coroutine_create(waits, &queue);
    char text[4096];
    int ends[2], saved = dup(2);

    qemu_co_queue_init(&queue);
    qemu_coroutine_enter(co);
    CHECK_EQ(co_dump_on_signal(SIGUSR1), 0);
    CHECK(co_dump_on_signal(SIGKILL) < 0);
    CHECK(pipe(ends) == 0);
    dup2(ends[1], 2);
    raise(SIGUSR1);
    dup2(saved, 2);
    close(ends[1]);
    ssize_t n = read(ends[0], text, sizeof text - 1);
    CHECK(n > 0);
    text[n] = '\0';
    CHECK(strstr(text, ": suspended in qemu_co_queue_wait\n"));
    CHECK(strstr(text, "1 live coroutines\n"));
    signal(SIGUSR1, SIG_DFL);
    close(ends[0]);
    close(saved);
    qemu_coroutine_enter(qemu_coroutine_create(wakes, &queue));
}

#ifdef __CPC__
/* Frames that another thread is just changing must not crash the dump. */
static void test_damaged(void)
{
    int result = 0;
    Coroutine *co = qemu_coroutine_create(outer, &result);

    qemu_coroutine_enter(co);
    struct co_frame *top = co->core.top, saved = *top;
    top->resume = (struct co_ret (*)(struct co_frame *, uint64_t))(void *)16;
    check_dump("coroutine *: suspended\n  (its frames are damaged)\n1 live coroutines\n");
    *top = saved;
    top->parent = (struct co_frame *)8;
    const char *text = dumped();
    CHECK(strstr(text, "  #0 leaf at dump.c:100\n") && strstr(text, "(its frames are damaged)\n"));
    *top = saved;
    while (!result) {
        qemu_coroutine_enter(co);
    }
}
#else
static void test_damaged(void)
{
}
#endif

static const struct test tests[] = {
    { "states", test_states },
    { "backtrace", test_backtrace },
    { "waiting", test_waiting },
    { "signal", test_signal },
    { "damaged", test_damaged },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
