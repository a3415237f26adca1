/* Direct and mutual recursion, deep suspended chains, and recursion without any suspension. */
#include "drive.h"

static long coroutine_fn sum_to(int wait, long n)
{
    if (n == 0) {
        if (wait) {
            qemu_coroutine_yield();
        }
        return 0;
    }
    return n + sum_to(wait, n - 1);
}

static int coroutine_fn odd(int wait, int n);

static int coroutine_fn even(int wait, int n)
{
    if (n == 0) {
        later(wait, 0);
        return 1;
    }
    return odd(wait, n - 1);
}

static int coroutine_fn odd(int wait, int n)
{
    if (n % 5 == 0) {
        later(wait, n);
    }
    return n ? even(wait, n - 1) : 0;
}

static void coroutine_fn hanoi(int wait, int n, char from, char to, char by)
{
    if (n) {
        hanoi(wait, n - 1, from, by, to);
        later(wait && n == 1, n);
        printf(" %c%c", from, to);
        hanoi(wait, n - 1, by, to, from);
    }
}

static void coroutine_fn all(void *opaque)
{
    int wait = *(int *)opaque;

    printf(" %ld", sum_to(wait, 1000));
    printf(" %ld", sum_to(wait, 3000));
    printf(" %d", even(wait, 24));
    printf(" %d", odd(wait, 24));
    hanoi(wait, 4, 'a', 'b', 'c');
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("recursion", all, &wait);
    }
}
