/* Variables of blocks whose address is taken: they live until control leaves their block, by whatever way, and a
 * suspension inside keeps them where they are. */
#include "drive.h"

static int *kept;

static void __attribute__((noinline)) set(int *p, int value)
{
    kept = p;
    *p = value;
}

static int __attribute__((noinline)) get(void)
{
    return *kept;
}

static void coroutine_fn before(void *opaque)
{
    int wait = *(int *)opaque;

    for (int i = 0; i < 3; i++) {
        int x;
        {
            int y;
            set(&y, 10 * i);
            x = get();
        }
        later(wait, x);
    }
}

static void coroutine_fn inside(void *opaque)
{
    int wait = *(int *)opaque;

    for (int i = 0; i < 6; i++) {
        int x;
        set(&x, i);
        if (i == 1) {
            continue;
        }
        if (i == 2) {
            int y = x;
            set(&y, y + 100);
            later(wait, y);
            printf(" %d", get());
            continue;
        }
        if (i == 4) {
            break;
        }
        later(wait, x);
        printf(" %d %d", get(), kept == &x);
    }
}

static void coroutine_fn jumps(void *opaque)
{
    int wait = *(int *)opaque, round = 0;

again:
    {
        int x = 1;
        goto in;
        {
            int y;
        in:
            set(&y, round);
            later(wait, y);
            x += get();
            if (round < 2) {
                round++;
                goto again;
            }
        }
        printf(" x=%d", x);
    }
    switch (round) {
        int z;
    case 1:
        printf(" no");
        break;
    case 2:
        set(&z, 7);
        later(wait, z);
        printf(" z=%d", get());
        goto out;
    default:
        printf(" never");
    }
out:
    later(wait, round);
}

static int coroutine_fn value(int wait)
{
    for (;;) {
        struct { int a[6]; } s = { { 1, 2, 3 } };
        set(&s.a[1], 5);
        int sum = ({ int t = s.a[0]; set(&t, t + get()); later(wait, t); t; });
        {
            int u;
            set(&u, sum);
            return later(wait, get()) + s.a[2];
        }
    }
}

static void coroutine_fn returns(void *opaque)
{
    printf(" r=%d", value(*(int *)opaque));
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("before", before, &wait);
        drive("inside", inside, &wait);
        drive("jumps", jumps, &wait);
        drive("returns", returns, &wait);
    }
    return 0;
}
