/* Coroutines with stacks and a switch in inline assembly, the fastest there is: the compiler saves
 * only the registers that are in use, and control goes on by a jump, so that the processor's
 * stack of return addresses stays right. */
#include "stacks.h"

#include <stdbool.h>
#include <stdint.h>

#define coroutine_fn
typedef void CoroutineEntry(void *opaque);
typedef struct Coroutine Coroutine;
struct Coroutine {
    void *sp; /* of the side that does not run; its top word is where it goes on */
    CoroutineEntry *entry;
    void *opaque;
    Coroutine *caller, *next;
    char *stack;
    bool ended;
};

static __thread Coroutine *current;

/* Swaps the stack pointer with co->sp and goes on at the other side's place.  The red zone is
 * stepped over. */
static inline __attribute__((always_inline)) void coroutine_switch(Coroutine *co)
{
    __asm__ volatile("leaq -128(%%rsp), %%rsp\n\t"
                     "pushq %%rbp\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "movq %%rsp, %%rax\n\t"
                     "movq (%%rdi), %%rsp\n\t"
                     "movq %%rax, (%%rdi)\n\t"
                     "popq %%rax\n\t"
                     "jmpq *%%rax\n"
                     "1:\n\t"
                     "popq %%rbp\n\t"
                     "leaq 128(%%rsp), %%rsp"
                     : "+D"(co)
                     :
                     : "rax", "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12",
                       "r13", "r14", "r15", "memory", "cc");
}

static void coroutine_main(void)
{
    for (;;) {
        Coroutine *co = current;
        co->ended = false;
        co->entry(co->opaque);
        co = current;
        co->ended = true;
        coroutine_switch(co);
    }
}

/* On a fresh stack, where the switch jumps to. */
__asm__(".text\n"
        "asm_switch_first:\n\t"
        "andq $-16, %rsp\n\t"
        "call *asm_switch_main(%rip)\n\t"
        "ud2\n");
extern char asm_switch_first[];
void (*asm_switch_main)(void) = coroutine_main;

static Coroutine *coroutine_new(void)
{
    Coroutine *co = calloc(1, sizeof *co);

    co->stack = stack_map();
    uintptr_t *sp = (uintptr_t *)(co->stack + STACK_SIZE) - 4;
    *sp = (uintptr_t)asm_switch_first;
    co->sp = sp;
    return co;
}

#include "stack_pool.h"

static __attribute__((noinline)) void coroutine_enter(Coroutine *co)
{
    co->caller = current;
    current = co;
    coroutine_switch(co);
    current = co->caller;
    if (__builtin_expect(co->ended, 0)) {
        coroutine_delete(co);
    }
}

static inline __attribute__((always_inline)) void coroutine_yield(void)
{
    coroutine_switch(current);
}

#include "direct.h"
