/* The slow side of frames: chunks for coroutines that outgrow their own area.
 *
 * Compiled code bumps frames in the coroutine's area by itself (cpc/backend/abi.py, which states
 * all invariants) and comes here when the area is full, when the frame that opened a chunk is
 * popped, and when a batch has reached into new chunks.  The functions that it calls keep all
 * registers (preserve_most), so that the hot code around their calls saves none.
 *
 * A chunk comes from malloc and is twice the one before it, up to a limit: a coroutine somewhat
 * deeper than the area costs 512 bytes more, and deep recursion few calls.  A coroutine that goes a
 * little too deep again and again must not open and close a chunk each time: small chunks stay, as
 * the ground on which the next frames are bumped, and every thread keeps one at hand for frames
 * that are taken while others lie below them. */
#include "co_pool.h"

#include <stdlib.h>

#define FIRST_CHUNK 496 /* 512 with malloc's header */
#define LAST_CHUNK 32752
#define LARGEST_GROUND 4096 /* what a shallow coroutine may hold on to */
#define GROUND 16           /* bytes before the ground, so that no frame of it is at base */

/* Stands directly before the chunk's first object, core.base. */
struct chunk {
    char *sp, *end, *base; /* of the core, before the chunk */
    char *memory;          /* what malloc gave, and how much */
    size_t size;
    size_t unused; /* keeps the size a multiple of 16 */
};

static struct co_ret end_of_coroutine(struct co_frame *frame, uint64_t value)
{
    (void)frame;
    return (struct co_ret){ value, NULL };
}

struct co_frame co_bottom = { end_of_coroutine, NULL };

static struct chunk *innermost(struct co_core *core)
{
    return (struct chunk *)core->base - 1;
}

static void close_chunk(struct co_core *core)
{
    struct chunk *chunk = innermost(core);

    if (co_is_innermost(core, core->mark)) {
        core->mark = chunk->sp;
    }
    core->sp = chunk->sp;
    core->end = chunk->end;
    core->base = chunk->base;
    co_pool_register(&co_free_objects);
    co_count(&co_free_objects.chunk_bytes, -(uint64_t)chunk->size);
    if (chunk->size == FIRST_CHUNK && !co_free_objects.chunk) {
        co_free_objects.chunk = chunk->memory;
    } else {
        free(chunk->memory);
    }
}

static void *take_memory(size_t size, size_t align)
{
    void *memory = co_free_objects.chunk;

    if (memory && size == FIRST_CHUNK) {
        co_free_objects.chunk = NULL;
        return memory;
    }
    return align <= 16 ? malloc(size) : aligned_alloc(align, size);
}

static size_t next_chunk_size(const struct co_core *core, size_t needed)
{
    size_t size = FIRST_CHUNK;

    if (core->base) {
        size = 2 * ((const struct chunk *)core->base - 1)->size;
    }
    if (size > LAST_CHUNK) {
        size = LAST_CHUNK;
    }
    return size < needed ? needed : size;
}

/* `align` is a power of two, at least 8; size a multiple of 8.  The object, and space behind it. */
CO_COLD void *co_more(struct co_core *core, size_t size, size_t align)
{
    if (core == &co_none) {
        co_fatal("Co-routine is yielding to no one "
                 "(a coroutine_fn was called outside a coroutine)");
    }
    size_t unit = align < 16 ? 16 : align;
    size_t header = (sizeof(struct chunk) + unit - 1) & ~(unit - 1);
    bool ground = core->sp == core->mark && unit == GROUND;
    size_t before = ground ? GROUND : 0;
    size_t total = (next_chunk_size(core, header + before + size) + unit - 1) & ~(unit - 1);
    char *memory = take_memory(total, unit);
    if (!memory) {
        co_fatal("out of memory for coroutine frames");
    }
    char *base = memory + header;
    *((struct chunk *)base - 1) = (struct chunk){
        core->sp, core->end, core->base, memory, total, 0
    };
    core->base = base;
    core->sp = base + before + size;
    core->end = memory + total;
    co_pool_register(&co_free_objects);
    co_count(&co_free_objects.chunk_bytes, total);
    if (ground) {
        core->mark = base + before;
    }
    return base + before;
}

/* The frame that opened the innermost chunk is popped.  Acts on co_current, as co_settle does:
 * arguments would cost the callers' hot paths registers (abi.py). */
CO_COLD void co_chunk_pop(void)
{
    close_chunk(co_current);
}

/* A batch that is about to be noted has reached into new chunks: the next one may begin in the
 * innermost. */
CO_COLD void co_settle(void)
{
    struct co_core *core = co_current;

    if (innermost(core)->size <= LARGEST_GROUND) {
        core->mark = core->base + GROUND;
    }
}

/* A frame returns to the one that core->mark holds, on which a batch hangs that has reached into
 * chunks.  mark lies in no chunk that is closed then. */
static struct co_ret drop_and_resume(struct co_frame *frame, uint64_t value)
{
    struct co_core *core = co_current;
    struct co_base_frame *noted = (struct co_base_frame *)(void *)core->mark;

    (void)frame;
    while (!co_is_innermost(core, noted->sp)) {
        close_chunk(core);
    }
    core->sp = core->mark = noted->sp;
    return noted->frame.resume(&noted->frame, value);
}

struct co_frame co_dropping = { drop_and_resume, NULL };

void co_close_chunks(struct co_core *core)
{
    while (core->base) {
        close_chunk(core);
    }
}
