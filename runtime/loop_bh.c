/* Bottom halves, and what is made of them: calls from other threads, coroutines that change their
 * thread, the main loop.
 *
 * A context's list takes each struct loop_bh by one atomic push; loop.c runs them.  A QEMUBH has one
 * of its own and three flags: PENDING says that it is in the list, so the list holds it once. */
#include "loop_impl.h"

#include "co.h"

#include <assert.h>
#include <errno.h>
#include <qemu/main-loop.h>
#include <semaphore.h>
#include <stdlib.h>

enum { PENDING = 1, SCHEDULED = 2, DELETED = 4 };

struct QEMUBH {
    struct loop_bh link;
    AioContext *ctx; /* constant, as the two below */
    QEMUBHFunc *cb;
    void *opaque;
    unsigned flags; /* atomic */
};

void loop_push_bh(AioContext *ctx, struct loop_bh *bh)
{
    loop_begin_push(ctx);
    bh->next = __atomic_load_n(&ctx->bhs, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&ctx->bhs, &bh->next, bh, true, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED)) {
    }
    loop_pushed(ctx);
    loop_end_push(ctx);
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory) {
        co_fatal("out of memory for a bottom half");
    }
    return memory;
}

void aio_bh_schedule_oneshot(AioContext *ctx, AioCallback *cb, void *opaque)
{
    struct loop_bh *bh = allocate(sizeof *bh);

    *bh = (struct loop_bh){ .cb = cb, .opaque = opaque, .allocated = true };
    loop_push_bh(ctx, bh);
}

/* ---- QEMUBH ---- */

static void run_bh(void *opaque)
{
    QEMUBH *bh = opaque;
    unsigned flags = __atomic_fetch_and(&bh->flags, ~(unsigned)(PENDING | SCHEDULED),
                                        __ATOMIC_ACQ_REL);

    if (flags & DELETED) { /* nobody else may use it any more */
        free(bh);
    } else if (flags & SCHEDULED) {
        bh->cb(bh->opaque);
    }
}

QEMUBH *aio_bh_new(AioContext *ctx, QEMUBHFunc *cb, void *opaque)
{
    QEMUBH *bh = allocate(sizeof *bh);

    *bh = (QEMUBH){ .ctx = ctx, .cb = cb, .opaque = opaque };
    bh->link.cb = run_bh;
    bh->link.opaque = bh;
    return bh;
}

static void request(QEMUBH *bh, unsigned what)
{
    AioContext *ctx = bh->ctx; /* bh may be gone once it is in the list */
    unsigned before = __atomic_fetch_or(&bh->flags, PENDING | what, __ATOMIC_ACQ_REL);

    if (!(before & PENDING)) {
        loop_push_bh(ctx, &bh->link);
    }
}

void qemu_bh_schedule(QEMUBH *bh)
{
    request(bh, SCHEDULED);
}

void qemu_bh_cancel(QEMUBH *bh)
{
    __atomic_fetch_and(&bh->flags, ~(unsigned)SCHEDULED, __ATOMIC_ACQ_REL);
}

void qemu_bh_delete(QEMUBH *bh)
{
    request(bh, DELETED);
}

void qemu_bh_call(QEMUBH *bh)
{
    bh->cb(bh->opaque);
}

/* ---- calls from other threads ---- */

struct sync_call {
    struct loop_bh bh;
    AioCallback *fn;
    void *arg;
    sem_t done;
};

static void run_sync_call(void *opaque)
{
    struct sync_call *call = opaque;

    call->fn(call->arg);
    sem_post(&call->done);
}

void no_coroutine_fn loop_call_sync(AioContext *ctx, AioCallback *fn, void *arg)
{
    struct sync_call call = { .fn = fn, .arg = arg };

    if (co_context == ctx) {
        fn(arg);
        return;
    }
    sem_init(&call.done, 0, 0);
    call.bh = (struct loop_bh){ .cb = run_sync_call, .opaque = &call };
    loop_push_bh(ctx, &call.bh);
    while (sem_wait(&call.done) < 0 && errno == EINTR) {
    }
    sem_destroy(&call.done);
}

/* ---- moving ---- */

struct move {
    struct loop_bh bh;
    AioContext *to;
    Coroutine *co;
};

/* The old thread: the coroutine has yielded, so the new one may run it. */
static void finish_move(void *opaque)
{
    struct move *move = opaque;
    AioContext *to = move->to;

    co_set_unscheduled(move->co);
    aio_co_schedule(to, move->co); /* `move` is gone behind this */
}

void coroutine_fn aio_co_reschedule_self(AioContext *new_ctx)
{
    struct move move = { .to = new_ctx, .co = qemu_coroutine_self() };
    AioContext *old_ctx = co_context;

    assert(qemu_in_coroutine());
    if (old_ctx == new_ctx) {
        return;
    }
    if (!old_ctx) {
        co_fatal("aio_co_reschedule_self: the coroutine was entered in a thread without "
                 "AioContext");
    }
    move.bh = (struct loop_bh){ .cb = finish_move, .opaque = &move };
    co_set_scheduled(move.co, "aio_co_reschedule_self");
    loop_push_bh(old_ctx, &move.bh);
    qemu_coroutine_yield();
}

/* ---- the main loop ---- */

static AioContext *main_context;

int qemu_init_main_loop(Error **errp)
{
    (void)errp;
    assert(!main_context);
    int error = loop_new(&main_context);
    if (error) {
        return error;
    }
    loop_attach(main_context);
    return 0;
}

AioContext *qemu_get_aio_context(void)
{
    return main_context;
}

void no_coroutine_fn main_loop_wait(int nonblocking)
{
    aio_poll(main_context, !nonblocking);
}

QEMUBH *qemu_bh_new(QEMUBHFunc *cb, void *opaque)
{
    return aio_bh_new(main_context, cb, opaque);
}
