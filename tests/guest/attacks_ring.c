/*
 * attacks_ring.c - families 1 to 6 and 10: rings and chains, whatever the device.
 */
#include "attacks.h"
#include "freestanding.h"

static struct desc chain[ANY_CHAIN];
static unsigned length;             /* of the good chain in it */

/* A good chain with its links, for things to be done to it. */
static void prepare(struct any *d)
{
    length = good_chain(d, chain);
}

static void send_it(struct any *d)
{
    send_chain(d, good_queue(d), chain, length);
}

/* ---- 1: loops and links ---- */

static void link_last_to(struct any *d, uint16_t next)
{
    prepare(d);
    chain[length - 1].flags |= DESC_NEXT;
    chain[length - 1].next = next;
    send_it(d);
}

static void loop_to_first(struct any *d)
{
    link_last_to(d, 0);
}

static void loop_on_itself(struct any *d)
{
    link_last_to(d, (uint16_t)(length - 1));
}

static void next_out_of_range(struct any *d)
{
    link_last_to(d, ANY_RING);
}

static void next_far_out_of_range(struct any *d)
{
    link_last_to(d, 0xffff);
}

/* As long as the ring, and then goes on. */
static void longer_than_the_ring(struct any *d)
{
    prepare(d);
    for (unsigned i = 0; i < ANY_RING; i++)
        chain[i] = (struct desc){(uintptr_t)buffer, 1, DESC_NEXT, (uint16_t)((i + 1) % ANY_RING)};
    length = ANY_RING;
    send_it(d);
}

/* ---- 2: addresses, 3: lengths ---- */

static void point_to(struct any *d, uint64_t gpa, uint32_t size)
{
    for (unsigned i = 0; i < 3; i++) {      /* each descriptor in turn, with a reset between */
        prepare(d);
        if (i >= length)
            return;
        chain[i].gpa = gpa;
        if (size != 1)
            chain[i].size = size;
        send_it(d);
        if (i + 1 < length && any_used(d, good_queue(d)) < 0 && any_broken(d))
            any_open(d, d->regs.features);
    }
}

#define POINTING(name, gpa, size)                                                                  \
    static void name(struct any *d)                                                                \
    {                                                                                              \
        point_to(d, gpa, size);                                                                    \
    }

POINTING(address_0, 0, 1)
POINTING(address_past_memory, 0x10000000, 1)
POINTING(address_in_own_window, d->regs.base, 1)
POINTING(address_in_apic, 0xfee00000, 1)
POINTING(address_in_kicks, d->regs.base + (d->regs.pci ? BAR_KICK : REG_QUEUE_NOTIFY), 1)
POINTING(address_in_descriptors, (uintptr_t)d->queue[good_queue(d)].page, 1)
POINTING(address_in_available, (uintptr_t)d->queue[good_queue(d)].page + ANY_AVAIL, 1)
POINTING(address_in_used, (uintptr_t)d->queue[good_queue(d)].page + ANY_USED, 1)
POINTING(address_across_the_hole, 0xbfffff80, 0x80000000)
POINTING(address_across_the_end, 0x2000000 - 8, 64)
POINTING(address_last, ~0ull, 1)
POINTING(size_0, (uintptr_t)buffer, 0)
POINTING(size_max, (uintptr_t)buffer, ~0u)
POINTING(size_wraps, ~0ull - 15, 32)
POINTING(size_wraps_to_memory, ~0ull - 0xfff, 0x2000)

static void sizes_sum_up(struct any *d)
{
    prepare(d);
    for (unsigned i = 0; i < ANY_RING; i++)
        chain[i] = (struct desc){0x200000, 0x1000000, DESC_WRITE | (i + 1 < ANY_RING ? DESC_NEXT : 0),
                                 (uint16_t)(i + 1)};
    length = ANY_RING;
    send_it(d);
}

/* ---- 4: directions, and parts that are missing ---- */

static void flip(struct any *d, unsigned i)
{
    prepare(d);
    if (i < length)
        chain[i].flags ^= DESC_WRITE;
    send_it(d);
}

static void first_flipped(struct any *d)
{
    flip(d, 0);
}

static void last_flipped(struct any *d)
{
    prepare(d);
    flip(d, length - 1);
}

static void writable_before_readable(struct any *d)
{
    prepare(d);
    chain[0] = (struct desc){(uintptr_t)buffer, 64, DESC_WRITE | DESC_NEXT, 1};
    chain[1] = (struct desc){(uintptr_t)buffer + 64, 64, 0, 0};
    length = 2;
    send_it(d);
}

static void last_missing(struct any *d)
{
    prepare(d);
    length = length > 1 ? length - 1 : 1;
    chain[length - 1].flags &= (uint16_t)~DESC_NEXT;
    send_it(d);
}

static void first_missing(struct any *d)
{
    prepare(d);
    if (length > 1) {
        for (unsigned i = 1; i < length; i++) {
            chain[i - 1] = chain[i];
            chain[i - 1].next = (uint16_t)i;
        }
        length--;
    }
    send_it(d);
}

static void one_byte(struct any *d)
{
    prepare(d);
    chain[0].size = 1;
    chain[0].flags &= (uint16_t)~DESC_NEXT;
    length = 1;
    send_it(d);
}

/* ---- 5: indirect tables ---- */

/* The good chain in a table of `size` bytes; its descriptor has `flags`. */
static void indirect(struct any *d, uint64_t gpa, uint32_t size, uint16_t flags)
{
    prepare(d);
    for (unsigned i = 0; i < length; i++) {
        struct desc entry = chain[i];

        if (d->packed) {            /* ID, then flags, of which only the direction counts */
            entry.flags = 0;
            entry.next = chain[i].flags & DESC_WRITE;
        }
        memcpy(buffer + TABLE_AT + 16 * i, &entry, sizeof entry);
    }
    chain[0] = (struct desc){gpa, size, flags, 1};
    chain[1] = (struct desc){(uintptr_t)buffer, 1, 0, 0};
    length = flags & DESC_NEXT ? 2 : 1;
    send_it(d);
}

#define INDIRECT(name, gpa, size, flags)                                                           \
    static void name(struct any *d)                                                                \
    {                                                                                              \
        prepare(d);                                                                                \
        indirect(d, gpa, size, flags);                                                             \
    }

#define TABLE ((uintptr_t)buffer + TABLE_AT)

INDIRECT(table_as_it_should_be, TABLE, 16 * length, DESC_INDIRECT)
INDIRECT(table_of_0, TABLE, 0, DESC_INDIRECT)
INDIRECT(table_of_uneven_size, TABLE, 16 * length + 1, DESC_INDIRECT)
INDIRECT(table_huge, TABLE, ~15u, DESC_INDIRECT)
INDIRECT(table_of_1025, TABLE, 16 * 1025, DESC_INDIRECT)
INDIRECT(table_off_memory, 0xd0000000, 64, DESC_INDIRECT)
INDIRECT(table_across_the_end, 0x2000000 - 16, 64, DESC_INDIRECT)
INDIRECT(table_misaligned, TABLE + 1, 16 * length, DESC_INDIRECT)
INDIRECT(table_with_next, TABLE, 16 * length, DESC_INDIRECT | DESC_NEXT)
INDIRECT(table_is_the_ring, (uintptr_t)d->queue[good_queue(d)].page, 256, DESC_INDIRECT)

/* The table's first entry is something else: another table, or a link to itself. */
static void spoil_table(struct any *d, uint16_t flags)
{
    struct desc entry = {TABLE, 16, flags, 0};

    prepare(d);
    if (d->packed) {
        entry.flags = 0;
        entry.next = flags;
    }
    for (unsigned i = 0; i < 4; i++)
        memcpy(buffer + TABLE_AT + 16 * i, &entry, sizeof entry);
    chain[0] = (struct desc){TABLE, 64, DESC_INDIRECT, 0};
    length = 1;
    send_it(d);
}

static void table_in_table(struct any *d)
{
    spoil_table(d, DESC_INDIRECT);
}

static void loop_in_table(struct any *d)
{
    spoil_table(d, DESC_NEXT);
}

static void table_not_agreed_on(struct any *d)
{
    any_open(d, d->regs.features & ~(1ull << FEATURE_INDIRECT));
    table_as_it_should_be(d);
}

/* ---- 6: what is made available ---- */

static void make_available(struct any *d, uint16_t head, uint16_t step)
{
    prepare(d);
    any_offer(d, good_queue(d), chain, length, head, step);
    any_kick(d, good_queue(d));
}

#define AVAILABLE(name, head, step)                                                                \
    static void name(struct any *d)                                                                \
    {                                                                                              \
        make_available(d, head, step);                                                             \
    }

AVAILABLE(index_jumps, 0, ANY_RING + 1)
AVAILABLE(index_jumps_far, 0, 0x8000)
AVAILABLE(index_goes_back, 0, 0xffff)
AVAILABLE(head_out_of_range, ANY_RING, 1)
AVAILABLE(head_far_out_of_range, 0xffff, 1)
AVAILABLE(same_head_for_all, 0, ANY_RING)

static void same_head_twice(struct any *d)
{
    prepare(d);
    any_offer(d, good_queue(d), chain, length, 0, 1);
    any_offer(d, good_queue(d), chain, length, 0, 1);
    any_kick(d, good_queue(d));
}

/* Descriptors that say used and available at once, or wrong about the round. */
static void wrong_round(struct any *d)
{
    const struct any_queue *queue = &d->queue[good_queue(d)];
    uint16_t *flags = (void *)(queue->page + 16 * (queue->next & 0x7fff) + 14);

    prepare(d);
    any_offer(d, good_queue(d), chain, length, 0, 1);
    *flags ^= PACKED_AVAIL | PACKED_USED;
    any_kick(d, good_queue(d));
    *flags |= PACKED_AVAIL | PACKED_USED;
    any_kick(d, good_queue(d));
}

/* ---- 10: changes after the kick ---- */

static void change_after_kick(struct any *d)
{
    const struct any_queue *queue = &d->queue[good_queue(d)];

    for (unsigned i = 0; i < 8; i++) {
        unsigned first = d->packed ? queue->next & 0x7fff : 0;

        prepare(d);
        send_it(d);
        for (unsigned k = 0; k < length; k++) {
            volatile struct desc *desc = (struct desc *)queue->page + (first + k) % ANY_RING;

            desc->gpa = i % 2 ? ~0ull : d->regs.base;
            desc->size = i % 3 ? ~0u : 0;
        }
        if (any_used(d, good_queue(d)) < 0)
            any_open(d, d->regs.features);
    }
}

static void change_header_after_kick(struct any *d)
{
    for (unsigned i = 0; i < 8; i++) {
        prepare(d);
        send_it(d);
        memset(buffer, (int)(0xff - i), 64);
        if (any_used(d, good_queue(d)) < 0)
            any_open(d, d->regs.features);
    }
}

const struct attack ring_attacks[] = {
    {1, "loop to the first", loop_to_first, 0, SPLIT},
    {1, "loop on itself", loop_on_itself, 0, SPLIT},
    {1, "next out of range", next_out_of_range, 0, SPLIT},
    {1, "next far out of range", next_far_out_of_range, 0, SPLIT},
    {1, "longer than the ring", longer_than_the_ring, 0, 0},
    {2, "address 0", address_0, 0, 0},
    {2, "past memory", address_past_memory, 0, 0},
    {2, "own window", address_in_own_window, 0, 0},
    {2, "own kicks", address_in_kicks, 0, 0},
    {2, "APIC", address_in_apic, 0, 0},
    {2, "descriptors", address_in_descriptors, 0, 0},
    {2, "available ring", address_in_available, 0, 0},
    {2, "used ring", address_in_used, 0, 0},
    {2, "across the hole", address_across_the_hole, 0, 0},
    {2, "across the end of memory", address_across_the_end, 0, 0},
    {2, "last address", address_last, 0, 0},
    {3, "size 0", size_0, 0, 0},
    {3, "size 2^32 - 1", size_max, 0, 0},
    {3, "wraps", size_wraps, 0, 0},
    {3, "wraps to memory", size_wraps_to_memory, 0, 0},
    {3, "sum", sizes_sum_up, 0, 0},
    {4, "first flipped", first_flipped, 0, 0},
    {4, "last flipped", last_flipped, 0, 0},
    {4, "writable before readable", writable_before_readable, 0, 0},
    {4, "last missing", last_missing, 0, 0},
    {4, "first missing", first_missing, 0, 0},
    {4, "one byte", one_byte, 0, 0},
    {5, "as it should be", table_as_it_should_be, 0, 0},
    {5, "size 0", table_of_0, 0, 0},
    {5, "uneven size", table_of_uneven_size, 0, 0},
    {5, "huge", table_huge, 0, 0},
    {5, "1025 entries", table_of_1025, 0, 0},
    {5, "off memory", table_off_memory, 0, 0},
    {5, "across the end of memory", table_across_the_end, 0, 0},
    {5, "misaligned", table_misaligned, 0, 0},
    {5, "with next", table_with_next, 0, 0},
    {5, "the ring itself", table_is_the_ring, 0, 0},
    {5, "table in table", table_in_table, 0, 0},
    {5, "loop inside", loop_in_table, 0, 0},
    {5, "not agreed on", table_not_agreed_on, 0, 0},
    {6, "index jumps", index_jumps, 0, SPLIT},
    {6, "index jumps far", index_jumps_far, 0, SPLIT},
    {6, "index goes back", index_goes_back, 0, SPLIT},
    {6, "head out of range", head_out_of_range, 0, 0},
    {6, "head far out of range", head_far_out_of_range, 0, 0},
    {6, "same head for all", same_head_for_all, 0, SPLIT},
    {6, "same head twice", same_head_twice, 0, 0},
    {6, "wrong round", wrong_round, 0, PACKED},
    {10, "descriptors", change_after_kick, 0, 0},
    {10, "headers", change_header_after_kick, 0, 0},
    {0, NULL, NULL, 0, 0},
};
