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

/* A batch over three chunks, with its record in the last, goes at once. */
static void test_drop(void)
{
    struct co_core core = full_core();
    struct co_batch *record;

    co_more(&core, 16, 8);
    co_more(&core, 5000, 64);
    record = co_more(&core, sizeof *record, 8);
    *record = (struct co_batch){ NULL, area + 40, area + sizeof area };
    core.batch = record;
    co_current = &core;
    co_drop_chunks();
    co_current = &co_none;
    check_restored(&core);
}

/* A batch that began in a chunk keeps that chunk. */
static void test_drop_to_chunk(void)
{
    struct co_core core = full_core();
    char *kept = co_more(&core, 16, 8);
    char *end = core.end, *sp = core.sp;
    struct co_batch *record;

    co_more(&core, 5000, 8);
    record = co_more(&core, sizeof *record, 8);
    *record = (struct co_batch){ NULL, sp, end };
    core.batch = record;
    co_current = &core;
    co_drop_chunks();
    CHECK(core.end == end && core.base == kept && core.sp == sp);
    co_chunk_pop();
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

static const struct test tests[] = {
    { "alignment", test_alignment },
    { "growth", test_growth },
    { "first-chunk-is-small", test_first_chunk_is_small },
    { "drop", test_drop },
    { "drop-to-chunk", test_drop_to_chunk },
    { "kept-chunk", test_kept_chunk },
    { "misuse", test_misuse },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
