/* co_core.h's functions on stacks of their own, for compilers that do not know coroutines.
 *
 * For tests only: the whole runtime above co_core.h runs unchanged, so programs behave as they
 * do under cpc, and outputs of the two builds are compared. */
#ifndef CO_STACKFUL_H
#define CO_STACKFUL_H

#include "co.h"

void co_core_init(Coroutine *co);
bool co_core_run(Coroutine *co);
void co_core_end(Coroutine *co);

static inline const void *co_core_memory(const Coroutine *co)
{
    return co->core.base;
}

#endif
