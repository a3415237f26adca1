/* A chain of `return f(x)` that suspends again and again, mutual and through pointers, with structs and void. */
#include "construct.h"

struct state { int n, turns; long sum; };

static struct state coroutine_fn odd(struct state s);

static struct state coroutine_fn even(struct state s)
{
    may_wait();
    s.sum = (s.sum * 3 + s.n) % 1000003;
    s.turns++;
    return s.n == 0 ? s : odd((struct state){ s.n - 1, s.turns, s.sum });
}

static struct state coroutine_fn odd(struct state s)
{
    struct state coroutine_fn (*other)(struct state) = s.n % 3 ? even : odd;

    if (s.n == 0) {
        return s;
    }
    s.n--;
    may_wait();
    return other(s);
}

static void coroutine_fn count(int n, long *out)
{
    if (n == 0) {
        *out += get(1);
        return;
    }
    if (n % 16 == 0) {
        may_wait();
    }
    ++*out;
    return count(n - 1, out);
}

static void coroutine_fn test(void)
{
    struct state s = even((struct state){ 300, 0, 1 });
    long out = 0;

    say("turns", s.turns);
    say("sum", s.sum);
    count(500, &out);
    say("count", out);
}
