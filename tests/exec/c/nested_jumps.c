/* GNU: jumps out of nested functions to labels of the functions around them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each activation has its own label. */
static int recursive(int n)
{
    __label__ out, deeper;
    int left = n;
    void down(int k)
    {
        int inner = k * 2;

        if (k == 0) {
            goto out;
        }
        left--;
        if (inner == 6) {
            left += recursive(2);
            goto deeper;
        }
        down(k - 1);
    }

    down(n);
    return -1;
deeper:
    return left * 100 + n;
out:
    return left * 10 + n;
}

/* Two levels out; a label of the same name on the way; own labels beside those of others. */
static int levels(int n)
{
    __label__ done, again;
    int turns = 0;
    void outer(int a)
    {
        __label__ again;
        int own = 0;
        void inner(int b)
        {
            if (b == 3) {
                goto again;
            }
            if (b > 5) {
                goto done;
            }
            own += b;
        local:
            if (b-- > 1) {
                goto local;
            }
        }

        inner(a);
        turns += own;
        return;
    again:
        turns += 1000;
    }

again:
    outer(turns++ % 7 + n);
    if (turns < 100000) {
        goto again;
    }
done:
    return turns;
}

/* Variables of every kind have their last values; blocks and loops are left and entered again. */
static double values(int n)
{
    double sum = 0;
    struct { int a; char text[12]; } kept = { 0, "start" };

    for (int i = 0; i < n; i++) {
        __label__ next, skip;
        float share = i / 2.0f;
        void leave(int how)
        {
            sum += share;
            kept.a += how;
            strcpy(kept.text, how & 1 ? "odd" : "even");
            if (how & 1) {
                goto next;
            }
            goto skip;
        }

        leave(i);
        abort();
    skip:
        sum += 100;
    next:
        sum += kept.text[0];
    }
    return sum + kept.a;
}

/* Variable length arrays of the function that is gone back to are still there, and do not pile up. */
static long arrays(int n)
{
    __label__ back;
    long sum = 0;
    volatile int turns = 0;
    int v[n];
    void leave(int k)
    {
        int own[k + 1];

        memset(own, k, sizeof own);
        v[0] += own[k] & 0xff;
        goto back;
    }

    for (int i = 0; i < n; i++) {
        v[i] = i;
    }
back:
    if (turns++ < 5) {
        int more[turns * 50], fresh[3] = { 7, 8, 9 };

        memset(more, 1, sizeof more);
        leave(turns + more[0] - 0x01010101 + fresh[2] - 9);
    }
    for (int i = 0; i < n; i++) {
        sum = sum * 3 + v[i];
    }
    return sum;
}

static int in_array_scope(int n)
{
    int total = 0;

    for (int round = 1; round < 4; round++) {
        __label__ inside;
        int v[n * round];
        void leave(int x)
        {
            v[1] += x;
            goto inside;
        }

        memset(v, 0, sizeof v);
        v[1] = round;
        leave(40);
    inside:
        {
            char after[64];

            memset(after, round, sizeof after);
            total += v[1] * (after[63] + 1) + v[n * round - 1];
        }
    }
    return total;
}

/* As in a computed goto of the nested function's own, beside the jump out. */
static int computed(int a)
{
    __label__ far;
    int count = 0;
    void y(int k)
    {
        void *x = &&near;

        count++;
        if (k == -1) {
            goto *x;
        }
        if (k == 0) {
            goto far;
        }
    near:
        y(k - 1);
    }

    y(a);
far:
    return count;
}

/* The address of a label further out, for a goto of its own function. */
static int by_address(int n)
{
    __label__ one, two;
    int turns = 0;
    void *choose(int k)
    {
        turns++;
        return k & 1 ? &&one : &&two;
    }

    goto *choose(n);
one:
    turns += 10;
    goto *choose(n + 1);
two:
    return turns + 100;
}

int main(void)
{
    printf("%d %d %d %d\n", recursive(0), recursive(2), recursive(3), recursive(7));
    printf("%d %d\n", levels(0), levels(2));
    printf("%g %g\n", values(1), values(9));
    printf("%ld %ld\n", arrays(3), arrays(10));
    printf("%d\n", in_array_scope(5));
    printf("%d %d %d\n", computed(6), by_address(0), by_address(1));
    return 0;
}
