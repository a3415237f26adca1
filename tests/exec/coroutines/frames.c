/* Frames of every shape: aligned variables, arrays larger than a chunk, deep recursion, calls in tail position, and
 * batches that grow into chunks and leave them again. */
#include "drive.h"

#include <stdint.h>

static int coroutine_fn aligned(int wait, int depth)
{
    _Alignas(64) char line[64];
    _Alignas(32) char half[32];

    memset(line, depth, sizeof line);
    memset(half, depth + 1, sizeof half);
    char *escaped = line, *other = half;
    int sum = depth > 0 ? aligned(wait, depth - 1) : (int)later(wait, 1);
    for (int i = 0; i < 3; i++) {
        sum += (int)later(wait, 0) + escaped[i] + other[i];
    }
    return sum + ((uintptr_t)escaped % 64 == 0) + ((uintptr_t)other % 32 == 0);
}

static long coroutine_fn large(int wait, int depth)
{
    long cells[700], *first = cells;

    for (int i = 0; i < 700; i++) {
        cells[i] = i * depth;
    }
    long below = depth > 0 ? large(wait, depth - 1) : later(wait, 5);
    return below + first[699] + cells[depth];
}

static long coroutine_fn deep(int wait, int depth, long a, long b)
{
    if (depth == 0) {
        return later(wait, a - b);
    }
    long below = deep(wait, depth - 1, b + 1, a);
    return below * 3 % 1000003 + a;
}

static int coroutine_fn odd(int wait, int n);

static int coroutine_fn even(int wait, int n)
{
    if (n == 0) {
        return 1;
    }
    if (n % 5 == 0 && wait) {
        qemu_coroutine_yield();
    }
    return odd(wait, n - 1);
}

static int coroutine_fn odd(int wait, int n)
{
    int here = n;

    if (n == 0) {
        return 0;
    }
    if (n % 7 == 0) {
        later(wait, *&here);
    }
    return even(wait, n - 1);
}

static void coroutine_fn tail(int wait, int *out, int n)
{
    int inner = n;

    if (n > 0) {
        tail(wait, &inner, n - 1);
        *out += inner;
        return;
    }
    *out += (int)later(wait, 100);
}

static void coroutine_fn all(void *opaque)
{
    int wait = *(int *)opaque, sum = 0;

    for (int round = 0; round < 3; round++) {
        printf(" a=%d", aligned(wait, round * 3));
        printf(" l=%ld", large(wait, round));
        printf(" d=%ld", deep(wait, round * 200, 7, 3));
        printf(" e=%d", even(wait, 30 + round));
        tail(wait, &sum, round * 10);
        printf(" t=%d", sum);
    }
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("all", all, &wait);
    }
    return 0;
}
