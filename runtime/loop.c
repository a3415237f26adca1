/* The event loop: what is due runs here, in the home thread, outside coroutines.
 *
 * Other threads reach a context through two lists only, bottom halves and scheduled coroutines.
 * They push with one atomic exchange and write to the eventfd only when the home thread has said
 * that it is about to sleep; it says so first and looks at the lists again afterwards, so no
 * push is missed. */
#include "loop_impl.h"

#include "co.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

AioContext *qemu_get_current_aio_context(void)
{
    return co_context;
}

/* ---- wake-ups ---- */

void aio_notify(AioContext *ctx)
{
    uint64_t one = 1;

    /* EAGAIN: the counter is full, so the loop will wake anyway. */
    while (write(ctx->notify_fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

static void notified(void *opaque)
{
    AioContext *ctx = opaque;
    uint64_t count;

    while (read(ctx->notify_fd, &count, sizeof count) < 0 && errno == EINTR) {
    }
}

void loop_pushed(AioContext *ctx)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&ctx->sleeping, __ATOMIC_RELAXED) &&
        __atomic_exchange_n(&ctx->sleeping, false, __ATOMIC_ACQ_REL)) {
        aio_notify(ctx);
    }
}

/* ---- bottom halves and scheduled coroutines ---- */

void aio_co_schedule(AioContext *ctx, Coroutine *co)
{
    const char *other = NULL;

    if (!ctx) {
        co_fatal("aio_co_schedule: the coroutine was entered in a thread without AioContext");
    }
    if (!__atomic_compare_exchange_n(&co->scheduled, &other, "aio_co_schedule", false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        co_fatal("aio_co_schedule: Co-routine was already scheduled in '%s'", other);
    }
    loop_begin_push(ctx);
    co->queue_next = __atomic_load_n(&ctx->scheduled, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&ctx->scheduled, &co->queue_next, co, true,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
    }
    loop_pushed(ctx);
    loop_end_push(ctx);
}

/* What was pushed goes behind what is ready.  The ready lists are in ctx, not in the loops
 * below, since a callback may call aio_poll, which must find the rest. */
static bool take_scheduled(AioContext *ctx)
{
    Coroutine **end = &ctx->ready;

    while (*end) {
        end = &(*end)->queue_next;
    }
    if (__atomic_load_n(&ctx->scheduled, __ATOMIC_RELAXED)) {
        Coroutine *co = __atomic_exchange_n(&ctx->scheduled, NULL, __ATOMIC_ACQUIRE);
        while (co) {
            Coroutine *before = co->queue_next;
            co->queue_next = *end;
            *end = co;
            co = before;
        }
    }
    return ctx->ready != NULL;
}

static bool run_scheduled(AioContext *ctx)
{
    bool any = take_scheduled(ctx);

    while (ctx->ready) {
        Coroutine *co = ctx->ready;
        ctx->ready = co->queue_next;
        co_set_unscheduled(co);
        qemu_aio_coroutine_enter(ctx, co);
    }
    return any;
}

static bool take_bhs(AioContext *ctx)
{
    struct loop_bh **end = &ctx->ready_bhs;

    while (*end) {
        end = &(*end)->next;
    }
    if (__atomic_load_n(&ctx->bhs, __ATOMIC_RELAXED)) {
        struct loop_bh *bh = __atomic_exchange_n(&ctx->bhs, NULL, __ATOMIC_ACQUIRE);
        while (bh) {
            struct loop_bh *before = bh->next;
            bh->next = *end;
            *end = bh;
            bh = before;
        }
    }
    return ctx->ready_bhs != NULL;
}

bool no_coroutine_fn aio_bh_poll(AioContext *ctx)
{
    bool any = take_bhs(ctx);

    while (ctx->ready_bhs) {
        struct loop_bh *bh = ctx->ready_bhs;
        AioCallback *cb = bh->cb;
        void *opaque = bh->opaque;
        ctx->ready_bhs = bh->next;
        if (bh->allocated) { /* any other may be gone after its call */
            free(bh);
        }
        cb(opaque);
    }
    return any;
}

/* ---- life ---- */

#define IDLE_NS 10000000 /* how long idle bottom halves wait at most */

static int open_backend(AioContext *ctx)
{
    const char *wanted = getenv("CPC_AIO");
    static bool said;

    if (wanted && *wanted && strcmp(wanted, "epoll") != 0 && strcmp(wanted, "io_uring") != 0) {
        log_error("loop", "CPC_AIO is '%s'; it may be io_uring or epoll", wanted);
        return -EINVAL;
    }
    if (!wanted || strcmp(wanted, "epoll") != 0) {
        ctx->backend = &loop_uring;
        int error = ctx->backend->open(ctx);
        if (error == 0 || (wanted && *wanted)) {
            return error;
        }
        if (log_first(&said)) {
            log_info("loop", "no io_uring (%s): using epoll and threads", strerror(-error));
        }
    }
    ctx->backend = &loop_epoll;
    return ctx->backend->open(ctx);
}

int loop_new(AioContext **result)
{
    AioContext *ctx = calloc(1, sizeof *ctx);

    if (!ctx) {
        return -ENOMEM;
    }
    ctx->notify_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = ctx->notify_fd < 0 ? -errno : open_backend(ctx);
    if (error) {
        if (ctx->notify_fd >= 0) {
            close(ctx->notify_fd);
        }
        free(ctx);
        return error;
    }
    ctx->references = 1;
    loop_qemu_timers_open(ctx);
    error = aio_set_fd_handler(ctx, ctx->notify_fd, notified, ctx);
    if (error) {
        loop_free(ctx);
        return error;
    }
    *result = ctx;
    return 0;
}

void loop_free(AioContext *ctx)
{
    assert(!ctx->scheduled);
    aio_bh_poll(ctx);
    loop_qemu_timers_close(ctx);
    assert(ctx->n_timers == 0);
    while (__atomic_load_n(&ctx->n_pushing, __ATOMIC_ACQUIRE) != 0) {
        sched_yield(); /* a few instructions of another thread */
    }
    ctx->backend->close(ctx);
    loop_forget_watches(ctx);
    if (co_context == ctx) {
        co_context = NULL;
    }
    close(ctx->notify_fd);
    free(ctx->timers);
    free(ctx);
}

/* ---- QEMU's names ---- */

AioContext *aio_context_new(Error **errp)
{
    AioContext *ctx;

    (void)errp;
    int error = loop_new(&ctx);
    if (error) {
        log_error("loop", "no context: %s", strerror(-error));
        return NULL;
    }
    return ctx;
}

void aio_context_ref(AioContext *ctx)
{
    __atomic_fetch_add(&ctx->references, 1, __ATOMIC_RELAXED);
}

void aio_context_unref(AioContext *ctx)
{
    if (__atomic_sub_fetch(&ctx->references, 1, __ATOMIC_ACQ_REL) == 0) {
        loop_free(ctx);
    }
}

void qemu_set_current_aio_context(AioContext *ctx)
{
    loop_attach(ctx);
}

bool in_aio_context_home_thread(AioContext *ctx)
{
    return co_context == ctx;
}

const char *loop_backend_name(AioContext *ctx)
{
    return ctx->backend->name;
}

void loop_attach(AioContext *ctx)
{
    if (co_context == ctx) {
        return;
    }
    if (co_context || ctx->attached) {
        co_fatal("loop_attach: the thread or the AioContext is attached already");
    }
    int error = ctx->backend->attach(ctx);
    if (error) {
        co_fatal("loop_attach: %s", strerror(-error));
    }
    ctx->attached = true;
    co_context = ctx;
}

static bool nothing_pushed(AioContext *ctx)
{
    return !__atomic_load_n(&ctx->bhs, __ATOMIC_RELAXED) &&
           !__atomic_load_n(&ctx->scheduled, __ATOMIC_RELAXED) &&
           !__atomic_load_n(&ctx->stop, __ATOMIC_RELAXED);
}

bool no_coroutine_fn aio_poll(AioContext *ctx, bool blocking)
{
    int64_t timeout = 0;

    assert(co_context == ctx && !qemu_in_coroutine());
    bool ran = run_scheduled(ctx);
    ran |= aio_bh_poll(ctx);
    if (blocking && !ran) {
        timeout = loop_timers_wait(ctx);
        if (ctx->idle_bhs && (timeout < 0 || timeout > IDLE_NS)) {
            timeout = IDLE_NS;
        }
        __atomic_store_n(&ctx->sleeping, true, __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (!nothing_pushed(ctx)) {
            timeout = 0;
        }
    }
    ran |= ctx->backend->turn(ctx, timeout);
    __atomic_store_n(&ctx->sleeping, false, __ATOMIC_RELAXED);
    ran |= loop_timers_run(ctx);
    ran |= run_scheduled(ctx);
    ran |= aio_bh_poll(ctx);
    loop_run_idle_bhs(ctx);
    return ran;
}

void no_coroutine_fn loop_run(AioContext *ctx)
{
    loop_attach(ctx);
    while (!__atomic_exchange_n(&ctx->stop, false, __ATOMIC_ACQUIRE)) {
        aio_poll(ctx, true);
    }
}

void loop_stop(AioContext *ctx)
{
    loop_begin_push(ctx);
    __atomic_store_n(&ctx->stop, true, __ATOMIC_RELEASE);
    loop_pushed(ctx);
    loop_end_push(ctx);
}
