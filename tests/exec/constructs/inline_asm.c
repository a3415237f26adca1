/* Inline assembly next to suspensions: operands live across them, outputs, memory, read-write (not interpreted). */
#include "construct.h"

static void coroutine_fn test(void)
{
    int a = (int)get(5), b, c[2] = { 1, 2 };

    asm("addl $3, %0" : "+r"(a));
    may_wait();
    asm volatile("movl %1, %0" : "=r"(b) : "r"(a) : "memory");
    b += (int)get(1);
    asm("incl %0" : "+m"(c[1]) : : "cc");
    may_wait();
    asm volatile("" : : : "memory");
    asm("leal (%1, %2), %0" : "=r"(a) : "r"(a), "r"(b));
    say("a", a), say("b", b), say("c", c[1]);
}
