/* Coroutines on ucontext stacks: the first switch to a stack is swapcontext, later ones are
 * _longjmp, which does not pay for two system calls.  core.base holds the stack; ended stacks
 * are kept per thread.
 *
 * Compile the runtime without co_frame.c and with this file.  Do not define _FORTIFY_SOURCE: its
 * longjmp refuses to change stacks. */
#include "co_stackful.h"

#include <setjmp.h>
#include <stdlib.h>
#include <ucontext.h>

#define STACK_SIZE (256 * 1024)

struct stack {
    struct stack *next; /* spare stacks of a thread */
    bool ended;
    jmp_buf inside, outside;
    ucontext_t first, enterer;
    char memory[];
};

static __thread struct stack *spare;

struct co_frame co_bottom;

static struct stack *stack_of(struct co_core *core)
{
    return (struct stack *)core->base;
}

static void run_entry(void)
{
    Coroutine *co = (Coroutine *)co_current;
    struct stack *stack = stack_of(&co->core);

    co->entry(co->arg);
    stack->ended = true;
    _longjmp(stack->outside, 1);
}

static struct stack *take_stack(void)
{
    struct stack *stack = spare;

    if (stack) {
        spare = stack->next;
    } else if (!(stack = malloc(sizeof *stack + STACK_SIZE))) {
        co_fatal("out of memory for stacks");
    }
    stack->ended = false;
    getcontext(&stack->first);
    stack->first.uc_stack.ss_sp = stack->memory;
    stack->first.uc_stack.ss_size = STACK_SIZE;
    stack->first.uc_link = NULL;
    makecontext(&stack->first, run_entry, 0);
    return stack;
}

void co_core_init(Coroutine *co)
{
    co->core.top = NULL;
}

bool co_core_run(Coroutine *co)
{
    bool started = co->core.base != NULL;

    if (!started) {
        co->core.base = (char *)take_stack();
    }
    struct stack *volatile stack = stack_of(&co->core);
    if (_setjmp(stack->outside) == 0) {
        if (started) {
            _longjmp(stack->inside, 1);
        }
        swapcontext(&stack->enterer, &stack->first);
    }
    return !stack->ended;
}

void co_core_end(Coroutine *co)
{
    struct stack *stack = stack_of(&co->core);

    co->core.base = NULL;
    stack->next = spare;
    spare = stack;
}

void qemu_coroutine_yield(void)
{
    if (co_current == &co_none) {
        co_fatal("Co-routine is yielding to no one "
                 "(a coroutine_fn was called outside a coroutine)");
    }
    struct stack *stack = stack_of(co_current);
    if (_setjmp(stack->inside) == 0) {
        _longjmp(stack->outside, 1);
    }
}
