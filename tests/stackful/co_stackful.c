/* Coroutines on ucontext stacks: the first switch to a stack is swapcontext, later ones are
 * _longjmp, which does not pay for two system calls.  core.base holds the stack; ended stacks
 * are kept per thread.
 *
 * Under -fsanitize=thread every switch is swapcontext, and ThreadSanitizer is told that each stack
 * is a fiber, so that it checks the runtime above for data races.
 *
 * Compile the runtime without co_frame.c and with this file.  Do not define _FORTIFY_SOURCE: its
 * longjmp refuses to change stacks. */
#include "co_stackful.h"

#include <setjmp.h>
#include <stdlib.h>
#include <ucontext.h>

#define STACK_SIZE (256 * 1024)

#if defined(__SANITIZE_THREAD__)
#define TSAN 1
#elif defined(__has_feature)
#define TSAN __has_feature(thread_sanitizer)
#else
#define TSAN 0
#endif

#if TSAN
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned flags);
void __tsan_switch_to_fiber(void *fiber, unsigned flags);
#endif

struct stack {
    struct stack *next; /* spare stacks of a thread */
    bool started, ended;
    jmp_buf inside, outside;
    ucontext_t first, enterer;
    void *fiber, *enterer_fiber; /* TSAN */
    char memory[];
};

static __thread struct stack *spare;

struct co_frame co_bottom;

static struct stack *stack_of(struct co_core *core)
{
    return (struct stack *)core->base;
}

#if TSAN
static void switch_in(struct stack *stack)
{
    stack->enterer_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(stack->fiber, 0);
    swapcontext(&stack->enterer, &stack->first);
}

static void switch_out(struct stack *stack)
{
    __tsan_switch_to_fiber(stack->enterer_fiber, 0);
    swapcontext(&stack->first, &stack->enterer);
}
#else
static void switch_in(struct stack *stack)
{
    if (_setjmp(stack->outside) == 0) {
        if (stack->started) {
            _longjmp(stack->inside, 1);
        }
        stack->started = true;
        swapcontext(&stack->enterer, &stack->first);
    }
}

static void switch_out(struct stack *stack)
{
    if (_setjmp(stack->inside) == 0) {
        _longjmp(stack->outside, 1);
    }
}
#endif

static void run_entry(void)
{
    Coroutine *co = (Coroutine *)co_current;
    struct stack *stack = stack_of(&co->core);

    co->entry(co->arg);
    stack->ended = true;
    switch_out(stack);
}

static struct stack *take_stack(void)
{
    struct stack *stack = spare;

    if (stack) {
        spare = stack->next;
    } else {
        stack = malloc(sizeof *stack + STACK_SIZE);
        if (!stack) {
            co_fatal("out of memory for stacks");
        }
        stack->fiber = NULL;
    }
    stack->started = stack->ended = false;
#if TSAN
    if (!stack->fiber) {
        stack->fiber = __tsan_create_fiber(0);
    }
#endif
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
    co->core.sp = co->area;
}

bool co_core_run(Coroutine *co)
{
    if (!co->core.base) {
        co->core.base = (char *)take_stack();
    }
    switch_in(stack_of(&co->core));
    return !stack_of(&co->core)->ended;
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
    switch_out(stack_of(co_current));
}
