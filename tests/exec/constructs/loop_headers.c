/* Coroutine calls in every part of for, while and do headers; break and continue. */
#include "construct.h"

static int calls;

static long coroutine_fn next(long x) { calls++; may_wait(); return x + 1; }

static void coroutine_fn test(void)
{
    long sum = 0;

    for (long i = get(1), j = get(9); next(i) < next(j); i = next(i), j = get(j)) {
        if (i == 3) {
            continue;
        }
        sum += i * j;
    }
    say("for", sum);
    long n = 0;
    while ((n = next(n)) < 5) {
        if (get(n) == 4) {
            break;
        }
    }
    say("while", n);
    do {
        n--;
        if (n == 2) {
            continue;
        }
        sum += n;
    } while (get(n) > -3);
    say("do", sum);
    for (;;) {
        if (next(n++) > 3) {
            break;
        }
    }
    say("forever", n);
    say("calls", calls);
    calls = 0;
}
