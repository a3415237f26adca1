/* && || ?: ! and comma with coroutine calls: what is not needed is not evaluated. */
#include "construct.h"

static int order[40], count;

static long coroutine_fn t(int id, long x) { order[count++] = id; may_wait(); return x; }

static void coroutine_fn test(void)
{
    long r = 0;

    count = 0;
    if (t(1, 0) && t(2, 1)) {
        r = 1;
    }
    r += t(3, 1) || t(4, 1);
    r += (t(5, 2) ? t(6, 10) : t(7, 20));
    r += !(t(8, 0) || (t(9, 1) && !t(10, 1)));
    r += (t(11, 5), t(12, 6));
    r += t(13, 0) ?: t(14, 7);
    r += t(15, 3) ?: t(16, 8);
    r = t(17, 1) && (t(18, 0) || t(19, 0)) ? r : -r;
    int x = t(20, 1) > 0 && t(21, -1) < 0;
    if ((t(22, 0), !x) || (x && t(23, 4) == 4)) {
        r *= 2;
    }
    say("r", r);
    for (int i = 0; i < count; i++) {
        printf("%d ", order[i]);
    }
    printf("\n");
}
