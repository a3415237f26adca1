/* Arrays of many activations lie one behind the other and are given back in the reverse order. */
#include "construct.h"

static long coroutine_fn down(int n)
{
    long a[n + 1];

    for (int i = 0; i <= n; i++) {
        a[i] = i + n;
    }
    if (n % 3 == 0) {
        may_wait();
    }
    long sum = n > 0 ? down(n - 1) : 0;
    if (n % 4 == 0) {
        may_wait();
    }
    for (int i = 0; i <= n; i++) {
        sum += a[i] * (n + 1);
    }
    return sum;
}

static void coroutine_fn test(void)
{
    say("sum", down(40));
    say("again", down(41));
}
