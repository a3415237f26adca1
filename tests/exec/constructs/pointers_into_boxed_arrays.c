/* Pointers into arrays of the function, kept in variables, in other arrays, and in callees, stay valid. */
#include "construct.h"

static int *coroutine_fn find(int *from, int *end, int x)
{
    while (from < end && *from != x) {
        from++;
        may_wait();
    }
    return from;
}

static void coroutine_fn test(void)
{
    int a[20], *order[20], *middle = a + 10;

    for (int i = 0; i < 20; i++) {
        a[i] = i * 7 % 20;
        order[i] = &a[19 - i];
    }
    int *p = find(a, a + 20, 13);
    may_wait();
    say("at", p - a);
    *p = 1000;
    p = find(p, middle, 4);
    say("at middle", p == middle);
    may_wait();
    for (int i = 0; i < 20; i += 3) {
        (*order[i])++;
        may_wait();
        say("a", a[19 - i]);
    }
    int (*whole)[20] = &a;
    may_wait();
    say("last", (*whole)[19] + whole[0][1]);
}
