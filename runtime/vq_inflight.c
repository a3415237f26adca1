/*
 * Heads in flight in shared memory. The layout is the specification's QueueRegionSplit; `next`
 * and `last_batch_head` make a list of the batch being finished, newest first.
 */
#include "vq_inflight.h"

#include <stdlib.h>
#include <string.h>

#define INFLIGHT_VERSION 1

struct entry {
    uint8_t inflight;
    uint8_t padding[5];
    uint16_t next;
    uint64_t counter;
};

struct part {
    uint64_t features;
    uint16_t version;
    uint16_t desc_num;
    uint16_t last_batch_head;
    uint16_t used_idx;
    struct entry entries[];
};

struct taken {
    uint16_t head;
    uint64_t counter;
};

size_t vq_inflight_bytes(uint16_t num)
{
    return (sizeof(struct part) + (size_t)num * sizeof(struct entry) + 63) & ~(size_t)63;
}

void vq_inflight_open(struct vq_inflight *inflight, void *region, uint16_t num)
{
    struct part *part = region;

    if (__atomic_load_n(&part->version, __ATOMIC_RELAXED) == 0) {
        part->features = 0;
        part->desc_num = num;
        __atomic_store_n(&part->version, INFLIGHT_VERSION, __ATOMIC_RELEASE);
    }
    inflight->region = region;
    inflight->num = num;
    inflight->counter = 0;
}

void vq_inflight_take(struct vq_inflight *inflight, uint16_t head)
{
    struct part *part = inflight->region;

    if (head < inflight->num) {
        __atomic_store_n(&part->entries[head].counter, ++inflight->counter, __ATOMIC_RELAXED);
        __atomic_store_n(&part->entries[head].inflight, 1, __ATOMIC_RELEASE);
    }
}

void vq_inflight_finish(struct vq_inflight *inflight, uint16_t head)
{
    struct part *part = inflight->region;

    if (head < inflight->num) {
        uint16_t last = __atomic_load_n(&part->last_batch_head, __ATOMIC_RELAXED);

        __atomic_store_n(&part->entries[head].next, last, __ATOMIC_RELAXED);
        __atomic_store_n(&part->last_batch_head, head, __ATOMIC_RELEASE);
    }
}

void vq_inflight_clear(struct vq_inflight *inflight, uint16_t head)
{
    struct part *part = inflight->region;

    if (head < inflight->num) {
        __atomic_store_n(&part->entries[head].inflight, 0, __ATOMIC_RELEASE);
    }
}

void vq_inflight_finished(struct vq_inflight *inflight, uint16_t used_idx)
{
    struct part *part = inflight->region;

    __atomic_store_n(&part->used_idx, used_idx, __ATOMIC_RELEASE);
}

/* Killed between writing the ring's idx and saying so: the last batch, of n entries, is done. */
static void clear_last_batch(struct vq_inflight *inflight, uint16_t n)
{
    struct part *part = inflight->region;
    uint16_t head = __atomic_load_n(&part->last_batch_head, __ATOMIC_RELAXED);

    for (; n > 0 && head < inflight->num; n--) {    /* a part that is new has no entry set */
        vq_inflight_clear(inflight, head);
        head = __atomic_load_n(&part->entries[head].next, __ATOMIC_RELAXED);
    }
}

static int older(const void *a, const void *b)
{
    uint64_t x = ((const struct taken *)a)->counter, y = ((const struct taken *)b)->counter;

    return x < y ? -1 : x > y;
}

unsigned vq_inflight_recover(struct vq_inflight *inflight, uint16_t used_idx, uint16_t *heads)
{
    struct part *part = inflight->region;
    struct taken *taken = calloc(inflight->num, sizeof *taken);
    unsigned n = 0;

    if (!taken) {
        abort();
    }
    clear_last_batch(inflight, used_idx - __atomic_load_n(&part->used_idx, __ATOMIC_RELAXED));
    vq_inflight_finished(inflight, used_idx);
    for (uint16_t i = 0; i < inflight->num; i++) {
        if (__atomic_load_n(&part->entries[i].inflight, __ATOMIC_RELAXED) == 1) {
            taken[n].head = i;
            taken[n].counter = __atomic_load_n(&part->entries[i].counter, __ATOMIC_RELAXED);
            n++;
        }
    }
    qsort(taken, n, sizeof *taken, older);
    for (unsigned i = 0; i < n; i++) {
        heads[i] = taken[i].head;
        if (taken[i].counter > inflight->counter) {
            inflight->counter = taken[i].counter;
        }
    }
    free(taken);
    return n;
}
