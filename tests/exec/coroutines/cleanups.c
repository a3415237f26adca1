/* The cleanup attribute runs once, in order, on every way out of a scope that suspends. */
#include "drive.h"

static void leave(const char **name) { printf(" ~%s", *name); }

#define scoped __attribute__((cleanup(leave))) const char *

static int coroutine_fn ways(int wait, int n)
{
    scoped outer = "outer";

    for (int i = 0; i < 3; i++) {
        scoped loop = "loop";
        later(wait, i);
        if (i == n) {
            scoped inner = "inner";
            if (n == 1) {
                break;
            }
            if (n == 2) {
                return (int)later(wait, 20);
            }
            goto out;
        }
        if (n == 4) {
            continue;
        }
        later(wait, 50 + i);
    }
    {
        scoped block = "block";
        later(wait, 60);
    }
out:
    later(wait, 70);
    return 7;
}

static void coroutine_fn all(void *opaque)
{
    for (int n = 0; n < 5; n++) {
        printf(" =%d", ways(*(int *)opaque, n));
    }
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("cleanup", all, &wait);
    }
}
