/* switch around and inside suspensions: fall-through, default in the middle, nesting, a suspending selector. */
#include "drive.h"

static int coroutine_fn choose(int wait, int n)
{
    int sum = 0;

    switch (later(wait, n)) {
    case 0:
        sum += (int)later(wait, 1);
        /* fall through */
    case 1:
        sum += (int)later(wait, 2);
        break;
    default:
        sum += 1000;
        switch (n) {
        case 3 ... 5:
            sum += (int)later(wait, 30);
            /* fall through */
        case 6:
            return sum + (int)later(wait, 60);
        }
        /* fall through */
    case 2:
        for (int i = 0; i < 2; i++) {
            switch (i) {
            case 1:
                continue;
            }
            sum += (int)later(wait, 4);
        }
    }
    return sum;
}

static void coroutine_fn all(void *opaque)
{
    int wait = *(int *)opaque;

    for (int n = 0; n < 9; n++) {
        printf(" =%d", choose(wait, n));
    }
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("switch", all, &wait);
    }
}
