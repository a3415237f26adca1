/* Chunks: alignment, growth, and that each way of leaving them restores the area as it was. */
#include "test.h"

#include "co.h"

static char area[64] __attribute__((aligned(16)));

static struct co_core full_core(void)
{
    return (struct co_core){ .sp = area + 40, .end = area + sizeof area };
}

static void check_restored(const struct co_core *core)
{
    CHECK(core->sp == area + 40 && core->end == area + sizeof area && core->base == NULL);
}

/* An object of any size and alignment lies at base, inside its chunk, and can be written. */
static void test_alignment(void)
{
    for (size_t align = 8; align <= 256; align *= 2) {
        for (size_t size = 8; size < 100000; size = size * 3 / 8 * 8 + 8) {
            struct co_core core = full_core();
            char *object = co_more(&core, size, align);
            CHECK_EQ((uintptr_t)object % align, 0);
            CHECK(object == core.base && core.sp == object + size && core.sp <= core.end);
            memset(object, 0x5a, size);
            co_current = &core;
            co_chunk_pop();
            co_current = &co_none;
            check_restored(&core);
        }
    }
}

/* Each chunk is twice the one before it, so that deep recursion takes few; but none is huge. */
static void test_growth(void)
{
    struct co_core core = full_core();
    size_t total = 0;
    int chunks = 0;

    while (total < 1000000) {
        co_more(&core, 32, 8);
        total += (size_t)(core.end - core.base);
        chunks++;
        CHECK(core.end - core.base < 33000);
    }
    CHECK(chunks > 30 && chunks < 40);
    co_close_chunks(&core);
    check_restored(&core);
}

static void test_first_chunk_is_small(void)
{
    struct co_core core = full_core();

    co_more(&core, 32, 8);
    CHECK(core.end - core.base <= 480);
    co_close_chunks(&core);
}

static struct co_ret resumed(struct co_frame *frame, uint64_t value)
{
    return (struct co_ret){ value + (frame->parent == NULL), &frame->parent };
}

/* The frame `noted` is left for by way of co_dropping, as compiled code does it. */
static void leave_for(struct co_core *core, struct co_base_frame *noted)
{
    noted->frame.resume = resumed;
    core->mark = (char *)noted;
    co_current = core;
    struct co_ret ret = co_dropping.resume(&co_dropping, 41);
    co_current = &co_none;
    CHECK(ret.value == 42 && ret.tail);
    CHECK(core->sp == noted->sp && core->mark == noted->sp);
    CHECK(co_is_innermost(core, noted->sp));
}

/* A batch over three chunks goes at once, and the frame it hung on goes on. */
static void test_drop(void)
{
    struct co_core core = full_core();
    struct co_base_frame noted = { .sp = area + 40 };

    co_more(&core, 16, 8);
    co_more(&core, 5000, 64);
    co_more(&core, 24, 8);
    leave_for(&core, &noted);
    check_restored(&core);
}

/* A batch that began in a chunk keeps that chunk. */
static void test_drop_to_chunk(void)
{
    struct co_core core = full_core();
    char *kept = co_more(&core, 16, 8);
    struct co_base_frame noted = { .sp = core.sp };

    co_more(&core, 5000, 8);
    leave_for(&core, &noted);
    CHECK(core.base == kept);
    co_current = &core;
    co_chunk_pop();
    co_current = &co_none;
    check_restored(&core);
}

/* A chunk that is opened when nothing lies above mark is the ground from then on: it is no frame's
 * to close, and goes when an outer batch is left or the coroutine ends. */
static void test_ground(void)
{
    struct co_core core = full_core();
    struct co_base_frame noted = { .sp = area + 40 };

    core.mark = core.sp;
    char *object = co_more(&core, 48, 8);
    CHECK(object != core.base && object == core.mark);
    core.sp = object; /* popped */
    CHECK(core.end - core.sp >= 48);
    leave_for(&core, &noted);
    check_restored(&core);

    co_more(&core, 48, 8);
    co_close_chunks(&core);
    check_restored(&core);
}

/* A small chunk into which a batch has grown is the ground of the next batch; a large one is not. */
static void test_settle(void)
{
    struct co_core core = full_core();

    co_more(&core, 48, 8);
    core.mark = area + 40;
    co_current = &core;
    co_settle();
    CHECK(core.mark > core.base && core.mark < core.sp);
    char *mark = core.mark;
    co_more(&core, 5000, 8);
    co_settle();
    CHECK(core.mark == mark);
    co_close_chunks(&core);
    co_current = &co_none;
    check_restored(&core);
}

/* A chunk that opens and closes again and again is one piece of memory. */
static void test_kept_chunk(void)
{
    struct co_core core = full_core();
    char *first = co_more(&core, 32, 8);

    co_current = &core;
    co_chunk_pop();
    for (int i = 0; i < 10; i++) {
        CHECK(co_more(&core, 16, 16) == first);
        co_chunk_pop();
    }
    co_current = &co_none;
    check_restored(&core);
}

static void test_misuse(void)
{
    CHECK_FATAL(co_more(&co_none, 16, 8), "Co-routine is yielding to no one");
}

/* ---- arrays of variable length (co_area.c) ---- */

/* An array per level, as long as the level says, kept over a suspension below it. */
static long coroutine_fn sum_array(int n)
{
    int array[n];
    long sum = 0;

    for (int i = 0; i < n; i++) {
        array[i] = n * i;
    }
    if (n > 1) {
        sum = sum_array(n / 2);
    } else {
        qemu_coroutine_yield();
    }
    for (int turn = 0; turn < 2; turn++) {
        int second[n + turn]; /* in the resume function */
        memset(second, turn, sizeof second);
        qemu_coroutine_yield();
        sum += second[n + turn - 1] != 0;
    }
    for (int i = 0; i < n; i++) {
        sum += array[i] == n * i;
    }
    return sum;
}

static long array_sum;

static void coroutine_fn use_arrays(void *opaque)
{
    array_sum = sum_array(*(int *)opaque);
}

static void test_arrays(void)
{
    for (int n = 1; n < 5000; n = 2 * n + 1) {
        long expected = 0;
        array_sum = -1;
        Coroutine *co = qemu_coroutine_create(use_arrays, &n);
        while (array_sum < 0) {
            qemu_coroutine_enter(co);
        }
        for (int i = n; i > 0; i /= 2) {
            expected += i + 1;
        }
        CHECK_EQ(array_sum, expected);
    }
}

static const struct test tests[] = {
    { "alignment", test_alignment },
    { "growth", test_growth },
    { "first-chunk-is-small", test_first_chunk_is_small },
    { "drop", test_drop },
    { "drop-to-chunk", test_drop_to_chunk },
    { "ground", test_ground },
    { "settle", test_settle },
    { "kept-chunk", test_kept_chunk },
    { "misuse", test_misuse },
    { "arrays", test_arrays },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
