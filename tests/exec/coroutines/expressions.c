/* Coroutine calls anywhere in expressions: each operand is evaluated once, in C's order.  (Where C leaves the
 * order open, no two operands suspend.) */
#include "drive.h"

static long coroutine_fn three(int wait, long a, long b, long c)
{
    later(wait, a * 100 + b * 10 + c);
    return a + b + c;
}

static void coroutine_fn operators(void *opaque)
{
    int wait = *(int *)opaque, array[3] = { 5, 6, 7 }, *p = array;
    long x = 1;

    x = later(wait, 2) ? later(wait, 3) : later(wait, 4);
    x += later(wait, 0) ? later(wait, 5) : later(wait, 6);
    printf(" x=%ld", x);
    printf(" %d", later(wait, 0) && later(wait, 7));
    printf(" %d", later(wait, 1) && later(wait, 8));
    printf(" %d", later(wait, 0) || later(wait, 9));
    printf(" %d", later(wait, 1) || later(wait, 10));
    x = (later(wait, 11), later(wait, 12));
    printf(" x=%ld", x);
    array[later(wait, 1)] += 20;
    array[2] += (int)later(wait, 20);
    *p++ = (int)later(wait, 21);
    printf(" %d %d %d %d", array[0], array[1], array[2], (int)(p - array));
    x = three(wait, later(wait, 1), 2, 3);
    x = three(0, 1, three(wait, 4, 5, 6), x);
    printf(" x=%ld", x);
    x = ({ long t = later(wait, 30); t *= 2; t + 1; });
    printf(" x=%ld", x);
    x = -later(wait, 31) * ~32;
    printf(" x=%ld", x);
    if (!(later(wait, 1) && !later(wait, 0)) || later(wait, 33) > 32) {
        printf(" yes");
    }
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("operators", operators, &wait);
    }
}
