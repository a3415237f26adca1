/* SharedResource: a number under a mutex, and a queue of those for whom it was too small.  A put
 * wakes all of them: which one fits now, each finds out itself. */
#include "co.h"

#include <assert.h>
#include <qemu/co-shared-resource.h>
#include <qemu/thread.h>
#include <stdlib.h>

struct SharedResource {
    QemuMutex lock; /* of all below */
    uint64_t total, available;
    CoQueue waiting;
};

SharedResource *shres_create(uint64_t total)
{
    SharedResource *s = malloc(sizeof *s);

    if (!s) {
        co_fatal("out of memory for a SharedResource");
    }
    *s = (SharedResource){ .total = total, .available = total };
    qemu_mutex_init(&s->lock);
    qemu_co_queue_init(&s->waiting);
    return s;
}

void shres_destroy(SharedResource *s)
{
    assert(s->available == s->total && qemu_co_queue_empty(&s->waiting));
    qemu_mutex_destroy(&s->lock);
    free(s);
}

static bool take(SharedResource *s, uint64_t n)
{
    assert(n <= s->total);
    if (s->available < n) {
        return false;
    }
    s->available -= n;
    return true;
}

bool co_try_get_from_shres(SharedResource *s, uint64_t n)
{
    qemu_mutex_lock(&s->lock);
    bool taken = take(s, n);
    qemu_mutex_unlock(&s->lock);
    return taken;
}

void coroutine_fn co_get_from_shres(SharedResource *s, uint64_t n)
{
    qemu_mutex_lock(&s->lock);
    while (!take(s, n)) {
        qemu_co_queue_wait(&s->waiting, &s->lock);
    }
    qemu_mutex_unlock(&s->lock);
}

void coroutine_fn co_put_to_shres(SharedResource *s, uint64_t n)
{
    qemu_mutex_lock(&s->lock);
    assert(n <= s->total - s->available);
    s->available += n;
    qemu_co_queue_restart_all(&s->waiting);
    qemu_mutex_unlock(&s->lock);
}
