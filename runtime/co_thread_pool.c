/* Calls that block: threads of the program, not of a context, take them in the order of the
 * requests.
 *
 * A thread is started when none is idle, up to a limit, and ends when it has been idle for a while.
 * A request lies in the coroutine's frame; its completion is a bottom half of the coroutine's
 * context. */
#include "co.h"
#include "loop_impl.h"

#include <assert.h>
#include <block/thread-pool.h>
#include <qemu/thread.h>
#include <string.h>

#define MAX_THREADS 64
#define IDLE_MS 10000

struct job {
    struct loop_bh done;
    struct job *next;
    ThreadPoolFunc *func;
    void *arg;
    int result;
    Coroutine *co;
    AioContext *ctx;
};

static struct {
    pthread_once_t once;
    QemuMutex lock; /* of all below */
    QemuCond wanted;
    struct job *first, *last;
    unsigned n_queued, n_idle, n_threads;
} pool = { .once = PTHREAD_ONCE_INIT };

static void make_pool(void)
{
    qemu_mutex_init(&pool.lock);
    qemu_cond_init(&pool.wanted);
}

/* The next job, NULL after a while without one.  Requires pool.lock. */
static struct job *take_job(void)
{
    bool timed_out = false;

    pool.n_idle++;
    while (!pool.first && !timed_out) {
        timed_out = !qemu_cond_timedwait(&pool.wanted, &pool.lock, IDLE_MS);
    }
    pool.n_idle--;
    struct job *job = pool.first;
    if (job) {
        pool.first = job->next;
        pool.n_queued--;
    }
    return job;
}

static void *work(void *opaque)
{
    struct job *job;

    (void)opaque;
    qemu_mutex_lock(&pool.lock);
    while ((job = take_job())) {
        qemu_mutex_unlock(&pool.lock);
        job->result = job->func(job->arg);
        loop_push_bh(job->ctx, &job->done);
        qemu_mutex_lock(&pool.lock);
    }
    pool.n_threads--;
    qemu_mutex_unlock(&pool.lock);
    return NULL;
}

static void job_done(void *opaque)
{
    struct job *job = opaque;

    co_set_unscheduled(job->co);
    qemu_aio_coroutine_enter(job->ctx, job->co);
}

static void submit(struct job *job)
{
    QemuThread thread;

    pthread_once(&pool.once, make_pool);
    qemu_mutex_lock(&pool.lock);
    if (pool.first) {
        pool.last->next = job;
    } else {
        pool.first = job;
    }
    pool.last = job;
    pool.n_queued++;
    if (pool.n_queued > pool.n_idle && pool.n_threads < MAX_THREADS) {
        pool.n_threads++;
        qemu_thread_create(&thread, "co-worker", work, NULL, QEMU_THREAD_DETACHED);
    }
    qemu_cond_signal(&pool.wanted);
    qemu_mutex_unlock(&pool.lock);
}

int coroutine_fn thread_pool_submit_co(ThreadPoolFunc *func, void *arg)
{
    struct job job = { .func = func, .arg = arg, .co = qemu_coroutine_self(), .ctx = co_context };

    assert(qemu_in_coroutine() && job.ctx);
    job.done.cb = job_done;
    job.done.opaque = &job;
    co_set_scheduled(job.co, "thread_pool_submit_co");
    submit(&job);
    qemu_coroutine_yield();
    return job.result;
}
