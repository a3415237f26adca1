/* Bottom halves, and what is made of them: calls from other threads, coroutines that change their
 * thread, the main loop.
 *
 * A context's list takes each struct loop_bh by one atomic push; loop.c runs them.  A QEMUBH has one
 * of its own and four flags: PENDING says that it is in the list, so the list holds it once.  Idle
 * ones are in a second list, which is the home thread's. */
#include "loop_impl.h"

#include "co.h"

#include <assert.h>
#include <errno.h>
#include <qemu/main-loop.h>
#include <semaphore.h>
#include <stdlib.h>

enum { PENDING = 1, SCHEDULED = 2, DELETED = 4, IDLE = 8 };

struct QEMUBH {
    struct loop_bh link;
    AioContext *ctx; /* constant, as the three below */
    QEMUBHFunc *cb;
    void *opaque;
    MemReentrancyGuard *guard;
    unsigned flags; /* atomic */
    bool listed;    /* in ctx->idle_bhs, by the next; home thread */
    QEMUBH *next_idle;
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

void qemu_bh_call(QEMUBH *bh)
{
    MemReentrancyGuard *guard = bh->guard; /* the call may delete bh */
    bool engaged = false;

    if (guard) {
        engaged = guard->engaged_in_io;
        guard->engaged_in_io = true;
    }
    bh->cb(bh->opaque);
    if (guard) {
        guard->engaged_in_io = engaged;
    }
}

static void list_idle(QEMUBH *bh)
{
    QEMUBH **end = &bh->ctx->idle_bhs;

    if (bh->listed) {
        return;
    }
    while (*end) {
        end = &(*end)->next_idle;
    }
    *end = bh;
    bh->next_idle = NULL;
    bh->listed = true;
}

static void unlist_idle(QEMUBH *bh)
{
    for (QEMUBH **at = &bh->ctx->idle_bhs; *at; at = &(*at)->next_idle) {
        if (*at == bh) {
            *at = bh->next_idle;
            break;
        }
    }
    bh->listed = false;
}

void loop_run_idle_bhs(AioContext *ctx)
{
    unsigned n = 0;

    for (QEMUBH *bh = ctx->idle_bhs; bh; bh = bh->next_idle) {
        n++;
    }
    for (; n > 0 && ctx->idle_bhs; n--) {
        QEMUBH *bh = ctx->idle_bhs;
        unlist_idle(bh);
        unsigned flags = __atomic_fetch_and(&bh->flags, ~(unsigned)IDLE, __ATOMIC_ACQ_REL);
        if ((flags & IDLE) && !(flags & DELETED)) {
            qemu_bh_call(bh);
        }
    }
}

static void run_bh(void *opaque)
{
    QEMUBH *bh = opaque;
    unsigned flags = __atomic_fetch_and(&bh->flags, ~(unsigned)(PENDING | SCHEDULED),
                                        __ATOMIC_ACQ_REL);

    if (flags & DELETED) { /* nobody else may use it any more */
        unlist_idle(bh);
        free(bh);
    } else if (flags & SCHEDULED) {
        __atomic_fetch_and(&bh->flags, ~(unsigned)IDLE, __ATOMIC_ACQ_REL);
        qemu_bh_call(bh);
    } else if (flags & IDLE) {
        list_idle(bh);
    }
}

QEMUBH *aio_bh_new_guarded(AioContext *ctx, QEMUBHFunc *cb, void *opaque,
                           MemReentrancyGuard *guard)
{
    QEMUBH *bh = allocate(sizeof *bh);

    *bh = (QEMUBH){ .ctx = ctx, .cb = cb, .opaque = opaque, .guard = guard };
    bh->link.cb = run_bh;
    bh->link.opaque = bh;
    return bh;
}

QEMUBH *aio_bh_new(AioContext *ctx, QEMUBHFunc *cb, void *opaque)
{
    return aio_bh_new_guarded(ctx, cb, opaque, NULL);
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

void qemu_bh_schedule_idle(QEMUBH *bh)
{
    if (co_context == bh->ctx) {
        __atomic_fetch_or(&bh->flags, IDLE, __ATOMIC_ACQ_REL);
        list_idle(bh);
    } else {
        request(bh, IDLE);
    }
}

void qemu_bh_cancel(QEMUBH *bh)
{
    __atomic_fetch_and(&bh->flags, ~(unsigned)(SCHEDULED | IDLE), __ATOMIC_ACQ_REL);
}

void qemu_bh_delete(QEMUBH *bh)
{
    request(bh, DELETED);
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

void qemu_notify_event(void)
{
    aio_notify(main_context);
}

QEMUBH *qemu_bh_new(QEMUBHFunc *cb, void *opaque)
{
    return aio_bh_new(main_context, cb, opaque);
}

QEMUBH *qemu_bh_new_guarded(QEMUBHFunc *cb, void *opaque, MemReentrancyGuard *guard)
{
    return aio_bh_new_guarded(main_context, cb, opaque, guard);
}
