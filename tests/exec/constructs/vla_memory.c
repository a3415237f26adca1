/* A loop that waits in the middle of an array's life uses the same memory again (not interpreted: addresses). */
#include "construct.h"

static void coroutine_fn test(void)
{
    char *lowest = NULL, *highest = NULL;

    for (int i = 0; i < 3000; i++) {
        char a[500 + i % 40];
        memset(a, i, sizeof a);
        may_wait();
        char *p = a;
        if (i > 10) {
            lowest = lowest == NULL || p < lowest ? p : lowest;
            highest = p > highest ? p : highest;
        }
    }
    say("stays near", highest - lowest < 5000);
}
