/* Definitions in the style before 1989: parameters are promoted by the caller and narrowed in the function. */
#include "construct.h"

static int coroutine_fn old(a, b, c)
    char a;
    short b;
    float c;
{
    may_wait();
    a += (char)get(1);
    may_wait();
    return a * 1000 + b + (int)c;
}

static double coroutine_fn pointers(values, n)
    double *values;
    int n;
{
    double sum = 0;

    while (n-- > 0) {
        sum += values[n] + (double)get(n);
    }
    return sum;
}

static void coroutine_fn test(void)
{
    double values[] = { 1.5, 2.5, 4 };

    say("old", old((char)get(127), (short)-5, 2.75f));
    say("narrowed", old((char)300, (short)70000, 1.0f));
    say("pointers", (long)(pointers(values, 3) * 10));
}
