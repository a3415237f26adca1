/* Timers: a binary heap of pointers; each timer knows its slot, so moving one is O(log n). */
#include "loop_impl.h"

#include "co.h"

#include <stdlib.h>
#include <time.h>

int64_t loop_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool before(const struct loop_timer *a, const struct loop_timer *b)
{
    return a->deadline < b->deadline || (a->deadline == b->deadline && a->order < b->order);
}

static void place(AioContext *ctx, struct loop_timer *timer, uint32_t i)
{
    ctx->timers[i] = timer;
    timer->slot = i + 1;
}

/* Moves the timer that belongs at or above `i` to its place. */
static void sift_up(AioContext *ctx, struct loop_timer *timer, uint32_t i)
{
    while (i > 0 && before(timer, ctx->timers[(i - 1) / 2])) {
        place(ctx, ctx->timers[(i - 1) / 2], i);
        i = (i - 1) / 2;
    }
    place(ctx, timer, i);
}

static void sift_down(AioContext *ctx, struct loop_timer *timer, uint32_t i)
{
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child + 1 < ctx->n_timers && before(ctx->timers[child + 1], ctx->timers[child])) {
            child++;
        }
        if (child >= ctx->n_timers || before(timer, ctx->timers[child])) {
            break;
        }
        place(ctx, ctx->timers[child], i);
        i = child;
    }
    place(ctx, timer, i);
}

void loop_timer_init(struct loop_timer *timer, AioContext *ctx, AioCallback *cb, void *opaque)
{
    *timer = (struct loop_timer){ .ctx = ctx, .cb = cb, .opaque = opaque };
}

void loop_timer_set(struct loop_timer *timer, int64_t deadline)
{
    AioContext *ctx = timer->ctx;

    loop_timer_cancel(timer);
    if (ctx->n_timers == ctx->timers_size) {
        uint32_t size = ctx->timers_size ? 2 * ctx->timers_size : 16;
        struct loop_timer **grown = realloc(ctx->timers, size * sizeof *grown);
        if (!grown) {
            co_fatal("out of memory for timers");
        }
        ctx->timers = grown;
        ctx->timers_size = size;
    }
    timer->deadline = deadline;
    timer->order = ctx->timer_order++;
    sift_up(ctx, timer, ctx->n_timers++);
}

void loop_timer_cancel(struct loop_timer *timer)
{
    AioContext *ctx = timer->ctx;

    if (!timer->slot) {
        return;
    }
    uint32_t i = timer->slot - 1;
    struct loop_timer *moved = ctx->timers[--ctx->n_timers];
    timer->slot = 0;
    if (moved != timer) {
        if (i > 0 && before(moved, ctx->timers[(i - 1) / 2])) {
            sift_up(ctx, moved, i);
        } else {
            sift_down(ctx, moved, i);
        }
    }
}

int64_t loop_timers_wait(AioContext *ctx)
{
    if (ctx->n_timers == 0) {
        return -1;
    }
    int64_t wait = ctx->timers[0]->deadline - loop_now_ns();
    return wait > 0 ? wait : 0;
}

bool loop_timers_run(AioContext *ctx)
{
    uint64_t set_before = ctx->timer_order;
    bool ran = false;

    if (ctx->n_timers == 0) {
        return false;
    }
    int64_t now = loop_now_ns();
    while (ctx->n_timers > 0) {
        struct loop_timer *first = ctx->timers[0];
        /* A timer that sets itself for the past must not keep the loop here. */
        if (first->deadline > now || first->order >= set_before) {
            break;
        }
        loop_timer_cancel(first);
        first->cb(first->opaque);
        ran = true;
    }
    return ran;
}
