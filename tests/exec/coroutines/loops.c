/* Every kind of loop, nested, with break, continue and suspensions in body, condition and step. */
#include "drive.h"

static void coroutine_fn for_loops(void *opaque)
{
    int wait = *(int *)opaque;

    for (int i = (int)later(wait, 0); later(wait, i) < 3; i += (int)later(wait, 1)) {
        for (int j = i; j < 4; j++) {
            if (j == 2) {
                continue;
            }
            if (later(wait, 10 * i + j) == 13) {
                break;
            }
        }
    }
}

static void coroutine_fn while_loops(void *opaque)
{
    int wait = *(int *)opaque, n = 4;

    while (later(wait, n--) > 1) {
        int m = n;
        do {
            later(!wait, -m);
        } while (m-- > 0 && later(wait, m));
    }
}

static void coroutine_fn unrolled_copy(void *opaque)
{
    int wait = *(int *)opaque, count = 11, n = (count + 3) / 4;

    switch (count % 4) {
    case 0: do { later(wait, 100); /* fall through */
    case 3:      later(wait, 103); /* fall through */
    case 2:      later(0, 102);    /* fall through */
    case 1:      later(wait, 101);
            } while (--n > 0);
    }
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("for", for_loops, &wait);
        drive("while", while_loops, &wait);
        drive("duff", unrolled_copy, &wait);
    }
}
