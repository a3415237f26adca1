/* GNU: register variables in the stack pointer, in a function and at file scope, read in and out of asm. */
#include <stdio.h>
#ifdef __x86_64__
#define SP "rsp"
#define HALF "esp"
#else
#define SP "sp"
#define HALF "sp"
#endif

register unsigned long stack asm(SP);
register unsigned long stack asm(SP);

static int near(const void *address, unsigned long sp)
{
    long distance = (char *)address - (char *)sp;

    return distance > -65536 && distance < 65536;
}

static __attribute__((noinline)) int of_function(void)
{
    register char *sp asm(SP);
    register unsigned low asm("%" HALF);
    int here = 0;

    return near(&here, (unsigned long)sp) && near(&here, stack) && low - (unsigned)(unsigned long)sp < 65536u
        && sizeof sp == 8 && sizeof low == 4;
}

static __attribute__((noinline)) int in_asm(int x)
{
    asm volatile("" : "+r"(stack) : : "memory");
    register unsigned long sp asm(SP);
    unsigned long copy;

    asm volatile("" : "=r"(copy) : "0"(sp));
    return x + (copy == stack) + near(&copy, copy);
}

static __attribute__((noinline)) unsigned long deeper(int levels)
{
    volatile char room[256];

    room[0] = 1;
    return levels ? deeper(levels - 1) + room[0] - 1 : stack;
}

int main(void)
{
    __typeof__(stack) here = stack;

    printf("%d %d %d\n", of_function(), in_asm(1), deeper(3) < here);
    return 0;
}
