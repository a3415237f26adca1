/* Stacks for coroutines as QEMU makes them: mmap with a guard page. */
#ifndef STACKS_H
#define STACKS_H

#include <stdlib.h>
#include <sys/mman.h>

#ifndef STACK_SIZE
#define STACK_SIZE (1 << 20) /* QEMU's */
#endif
#define GUARD 4096

static inline char *stack_map(void)
{
    char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

    if (stack == MAP_FAILED || mprotect(stack, GUARD, PROT_NONE) != 0) {
        abort(); /* as QEMU does, when the kernel's limit of mappings is reached */
    }
    return stack;
}

static inline void stack_unmap(char *stack)
{
    munmap(stack, STACK_SIZE);
}

#endif
