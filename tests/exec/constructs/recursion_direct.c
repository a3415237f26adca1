/* Direct recursion with a suspension at the leaf, at every level, and on the way back. */
#include "construct.h"

static long coroutine_fn fib(int n) { return n < 2 ? get(n) : fib(n - 1) + fib(n - 2); }

static long coroutine_fn ackermann(long m, long n)
{
    if (m == 0) {
        may_wait();
        return n + 1;
    }
    return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static void coroutine_fn hanoi(int n, int from, int to, int *moves)
{
    if (n > 0) {
        hanoi(n - 1, from, 6 - from - to, moves);
        may_wait();
        ++*moves;
        hanoi(n - 1, 6 - from - to, to, moves);
    }
}

static void coroutine_fn test(void)
{
    int moves = 0;

    say("fib", fib(12));
    say("ackermann", ackermann(2, 3));
    hanoi(6, 1, 3, &moves);
    say("moves", moves);
}
