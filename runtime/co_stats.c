/* co_stats: what the threads count (co_pool.h), and what the live coroutines show.
 *
 * The hot paths pay for two stores to memory that is in the cache anyway; whatever can be found
 * out by visiting the coroutines is not counted at all. */
#include "co_pool.h"

struct sums {
    uint64_t live, area_bytes;
};

static void add_one(Coroutine *co, void *opaque)
{
    struct sums *sums = opaque;
    const char *sp = __atomic_load_n(&co->core.sp, __ATOMIC_RELAXED);

    sums->live++;
    if (__atomic_load_n(&co->core.base, __ATOMIC_RELAXED)) {
        sums->area_bytes += CO_AREA_SIZE;
    } else if (sp >= co->area && sp <= co->area + CO_AREA_SIZE) {
        sums->area_bytes += (uint64_t)(sp - co->area);
    }
}

void co_stats(struct co_stats *stats)
{
    struct sums sums = { 0, 0 };
    struct co_counts counts = co_pool_counts();

    co_pool_visit(add_one, &sums);
    stats->created = counts.created;
    stats->live = sums.live;
    stats->suspensions = co_pool_yields();
    stats->frame_bytes = counts.chunk_bytes + sums.area_bytes;
}
