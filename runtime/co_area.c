/* Variable length arrays and alloca() of coroutine functions that may be suspended while they
 * live.  Compiled code calls these three functions (cpc/passes/area.py).
 *
 * The memory is bumped in the coroutine's area like frames (cpc/backend/abi.py), so it stays where
 * it is when the coroutine is suspended, and is given back in the reverse order.  A *token* is
 * the sp of when it was taken.
 *
 * `resumed` says in which of the function's two halves the call stands.
 * - In a ramp, what was allocated is on top of the area until the ramp returns or is suspended. When
 *   it is suspended the memory belongs to the batch now, frames of its callers lie above it, and
 *   nothing can be given back before the batch is: the ramp stores null for its tokens.
 * - A resumed function runs on top of the area: only what it called lies above it, and that is gone
 *   whenever it goes on.  What it allocates counts as its own, so mark follows: the batch of a
 *   callee that suspends begins above it. */
#include "co.h"

void *co_area_save(void *token)
{
    return token ? token : co_current->sp;
}

void *co_area_alloc(uint64_t size, uint64_t align, uint64_t resumed)
{
    struct co_core *core = co_current;
    uint64_t bytes = (size + 7) & ~UINT64_C(7);
    uintptr_t start = ((uintptr_t)core->sp + align - 1) & ~(uintptr_t)(align - 1);
    void *memory = (void *)start;

    if (bytes < size) {
        co_fatal("a variable length array of %llu bytes", (unsigned long long)size);
    }
    if (start <= (uintptr_t)core->end && bytes <= (uintptr_t)core->end - start) {
        core->sp = (char *)memory + bytes;
    } else {
        memory = co_more(core, bytes, align);
    }
    if (resumed) {
        core->mark = core->sp;
    }
    return memory;
}

void co_area_restore(void *token, uint64_t resumed)
{
    struct co_core *core = co_current;

    if (!token) {
        return;
    }
    while (!co_is_innermost(core, token)) {
        co_chunk_pop();
    }
    core->sp = token;
    if (resumed) {
        core->mark = core->sp;
    }
}
