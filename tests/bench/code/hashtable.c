/* A hash table with open addressing that grows. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct entry {
    uint64_t key;
    uint32_t value;
    uint32_t used;
};

struct table {
    struct entry *entries;
    size_t mask, count;
};

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdu;
    x ^= x >> 33;
    return x;
}

static struct entry *find(struct table *t, uint64_t key)
{
    size_t i = mix(key) & t->mask;
    while (t->entries[i].used && t->entries[i].key != key) {
        i = (i + 1) & t->mask;
    }
    return &t->entries[i];
}

static void grow(struct table *t)
{
    struct entry *old = t->entries;
    size_t size = t->mask + 1;
    t->entries = calloc(2 * size, sizeof(*t->entries));
    t->mask = 2 * size - 1;
    for (size_t i = 0; i < size; i++) {
        if (old[i].used) {
            *find(t, old[i].key) = old[i];
        }
    }
    free(old);
}

static void add(struct table *t, uint64_t key, uint32_t value)
{
    if (2 * t->count > t->mask) {
        grow(t);
    }
    struct entry *e = find(t, key);
    if (!e->used) {
        t->count++;
        e->used = 1;
        e->key = key;
        e->value = 0;
    }
    e->value += value;
}

int main(void)
{
    struct table t = {calloc(16, sizeof(struct entry)), 15, 0};
    uint64_t key = 12345;
    for (int i = 0; i < 30000000; i++) {
        key = key * 6364136223846793005u + 1442695040888963407u;
        add(&t, key >> 50, i & 15);
    }
    uint64_t sum = 0;
    for (size_t i = 0; i <= t.mask; i++) {
        sum = sum * 31 + t.entries[i].value;
    }
    printf("%zu %llu\n", t.count, (unsigned long long)sum);
    free(t.entries);
    return 0;
}
