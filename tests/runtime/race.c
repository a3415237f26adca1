/* For test_checkers.py: two threads' coroutines change a number without a lock, which ThreadSanitizer
 * must report. */
#include "loop.h"

#include <pthread.h>
#include <stdio.h>

static long counter;
static pthread_barrier_t together;      /* nothing orders what the threads do first behind it */

static void coroutine_fn count(void *opaque)
{
    pthread_barrier_wait(&together);
    for (int i = 0; i < 1000; i++) {
        counter++;
        co_sleep_ns(0);
    }
    loop_stop(opaque);
}

static void *run_thread(void *opaque)
{
    AioContext *ctx;

    (void)opaque;
    if (loop_new(&ctx) == 0) {
        aio_co_schedule(ctx, qemu_coroutine_create(count, ctx));
        loop_run(ctx);
        loop_free(ctx);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[2];

    pthread_barrier_init(&together, NULL, 2);
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, run_thread, NULL);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("%ld\n", counter);
    return 0;
}
