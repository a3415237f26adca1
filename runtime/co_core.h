/* Entering stackless coroutines: the only code of co.c that knows how one is suspended.
 *
 * The ramp and the resume functions are compiled C; this file calls them.  Nothing here switches
 * stacks. (tests/stackful has a second implementation of these functions for compilers without
 * coroutines.) */
#ifndef CO_CORE_H
#define CO_CORE_H

#include "co.h"

/* Prepares a free object. */
static inline void co_core_init(Coroutine *co)
{
    co->core.top = NULL;
    co->core.sp = co->area;
    co->core.mark = co->area;
}

/* What a coroutine that has ended took besides its object, or NULL. */
static inline const void *co_core_memory(const Coroutine *co)
{
    return co->core.base;
}

/* Gives it back. */
static inline void co_core_end(Coroutine *co)
{
    co_close_chunks(&co->core);
}

/* A resume function that a compiler without tail calls made has left its parent in core.top. */
static __attribute__((noinline, cold)) bool go_on(struct co_core *core, uint64_t value)
{
    struct co_ret ret = { value, CO_GO_ON };

    while (ret.tail == CO_GO_ON) {
        ret = core->top->resume(core->top, ret.value);
    }
    return ret.tail != NULL;
}

/* The first enter.  A coroutine_fn is compiled to a ramp, which returns struct co_ret. */
static inline uintptr_t co_core_start(Coroutine *co)
{
    struct co_core *core = &co->core;
    struct co_ret (*ramp)(void *) = (struct co_ret (*)(void *))(void *)co->entry;
    struct co_ret ret = ramp(co->arg);

    if (ret.tail) {
        *ret.tail = &co_bottom;
        core->sp = core->mark = (char *)(uintptr_t)ret.value;
    }
    return (uintptr_t)ret.tail;
}

/* Runs co until it suspends (not 0) or ends (0).  Requires: co_current is &co->core. */
static inline uintptr_t co_core_run(Coroutine *co)
{
    struct co_frame *top = co->core.top;

    if (__builtin_expect(top == NULL, 0)) {
        return co_core_start(co);
    }
    struct co_ret ret = top->resume(top, 0);
    if (__builtin_expect(ret.tail == CO_GO_ON, 0)) {
        return go_on(&co->core, ret.value);
    }
    return (uintptr_t)ret.tail;
}

#endif
