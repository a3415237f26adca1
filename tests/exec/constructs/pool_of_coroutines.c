/* Two hundred coroutines alive at once end in another order than they began, and what they leave is used again. */
#include "construct.h"

#define N 200

static int left, sum;

struct job { int id, turns; long check; };

static void coroutine_fn job(void *opaque)
{
    struct job *job = opaque;
    int id = job->id;
    long array[4] = { id, id * 2, id * 3, id * 5 };

    for (int i = 0; i < job->turns; i++) {
        qemu_coroutine_yield();
        array[i % 4] += array[(i + 1) % 4];
    }
    job->check = array[0] ^ array[1] ^ array[2] ^ array[3];
    left--;
}

static void coroutine_fn test(void)
{
    static struct job jobs[N];
    static Coroutine *co[N];

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < N; i++) {
            jobs[i] = (struct job){ i + round, (i * 7 + round) % 5, 0 };
            co[i] = qemu_coroutine_create(job, &jobs[i]);
        }
        left = N, sum = 0;
        for (int turn = 0; left > 0; turn++) {
            for (int i = N - 1; i >= 0; i--) {
                if (turn <= jobs[i].turns) {
                    qemu_coroutine_enter(co[i]);
                }
            }
            may_wait();
            sum = sum * 3 + left;
        }
        long check = 0;
        for (int i = 0; i < N; i++) {
            check = (check * 31 + jobs[i].check) % 1000003;
        }
        say("check", check);
        say("order", sum);
    }
}
