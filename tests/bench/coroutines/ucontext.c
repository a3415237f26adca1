/* Coroutines as QEMU's coroutine-ucontext.c has them: makecontext and swapcontext for the first
 * switch to a stack, sigsetjmp and siglongjmp for all later ones.  Do not define _FORTIFY_SOURCE:
 * its longjmp refuses to change stacks. */
#include "stacks.h"

#include <setjmp.h>
#include <stdbool.h>
#include <ucontext.h>

#define coroutine_fn
typedef void CoroutineEntry(void *opaque);
typedef struct Coroutine Coroutine;
struct Coroutine {
    CoroutineEntry *entry;
    void *opaque;
    Coroutine *caller, *next;
    char *stack;
    sigjmp_buf env;
};

enum action { YIELD = 1, TERMINATE, ENTER };

static __thread Coroutine leader, *current;

static __attribute__((noinline)) enum action coroutine_switch(Coroutine *from, Coroutine *to,
                                                              enum action action)
{
    current = to;
    int ret = sigsetjmp(from->env, 0);
    if (ret == 0) {
        siglongjmp(to->env, action);
    }
    return ret;
}

static void trampoline(int low, int high)
{
    Coroutine *co = (Coroutine *)((unsigned long)(unsigned)low | (unsigned long)high << 32);

    if (!sigsetjmp(co->env, 0)) {
        siglongjmp(co->caller->env, YIELD); /* back to coroutine_new */
    }
    for (;;) {
        co->entry(co->opaque);
        Coroutine *caller = co->caller;
        co->caller = NULL;
        coroutine_switch(co, caller, TERMINATE);
    }
}

static Coroutine *coroutine_new(void)
{
    Coroutine *co = calloc(1, sizeof *co);
    Coroutine creator;
    ucontext_t first, old;
    unsigned long address = (unsigned long)co;

    co->stack = stack_map();
    getcontext(&first);
    first.uc_stack.ss_sp = co->stack;
    first.uc_stack.ss_size = STACK_SIZE;
    first.uc_link = &old;
    co->caller = &creator;
    makecontext(&first, (void (*)(void))trampoline, 2, (int)address, (int)(address >> 32));
    if (!sigsetjmp(creator.env, 0)) {
        swapcontext(&old, &first);
    }
    co->caller = NULL;
    return co;
}

#include "stack_pool.h"

static __attribute__((noinline)) void coroutine_enter(Coroutine *co)
{
    Coroutine *self = current ? current : &leader;

    if (co->caller) {
        abort();
    }
    co->caller = self;
    if (coroutine_switch(self, co, ENTER) == TERMINATE) {
        coroutine_delete(co);
    }
}

static __attribute__((noinline)) void coroutine_yield(void)
{
    Coroutine *self = current, *to = self->caller;

    self->caller = NULL;
    coroutine_switch(self, to, YIELD);
}

#include "direct.h"
