/* asm goto between suspensions: its results live in frames, its labels lie behind suspension points. */
#include "drive.h"

/* x - 1, or by way of the label when x was 0. */
static long coroutine_fn down(int wait, int x)
{
    __asm__ goto("subl $1, %0\n\tjc %l[below]" : "+r"(x) : : "cc" : below);
    return later(wait, x);
below:
    return later(wait, -100 + x);
}

static void coroutine_fn count(void *opaque)
{
    int wait = *(int *)opaque, left = 3;
    unsigned sum = 0;

again:
    sum += later(wait, left);
    later(!wait, down(wait, left));
    __asm__ goto("addl %1, %0\n\tdecl %1\n\tjns %l[again]" : "+r"(sum), "+r"(left) : : "cc" : again);
    later(wait, sum);
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("asm goto", count, &wait);
    }
}
