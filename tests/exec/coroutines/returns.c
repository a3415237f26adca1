/* Early returns, tail calls of coroutine functions, void results, results that are ignored, empty functions. */
#include "drive.h"

static void coroutine_fn nothing(void) { }

static int coroutine_fn early(int wait, int n)
{
    if (n < 0) {
        return -1;
    }
    later(wait, n);
    if (n == 0) {
        return 0;
    }
    for (int i = 0; ; i++) {
        if (later(wait, i) * i > n) {
            return i;
        }
    }
}

static int coroutine_fn tail(int wait, int n) { return early(wait, n + 1); }
static int coroutine_fn tail_of_tail(int wait, int n) { int local = n * 2; return tail(wait, local); }
static void coroutine_fn void_tail(int wait) { later(wait, 5); return nothing(); }

static int coroutine_fn boxed_tail(int wait, int n)
{
    int x = n;
    int *p = &x;
    later(wait, *p);
    return early(wait, *p);
}

static void coroutine_fn all(void *opaque)
{
    int wait = *(int *)opaque;

    nothing();
    for (int n = -1; n < 6; n += 2) {
        early(wait, n);
        printf(" %d", tail(wait, n));
        printf(" %d", tail_of_tail(wait, n));
        printf(" %d", boxed_tail(wait, n));
        void_tail(wait);
    }
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("returns", all, &wait);
    }
}
