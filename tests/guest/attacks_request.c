/*
 * attacks_request.c - families 11 and 13: what each device is asked.
 */
#include "attacks.h"
#include "freestanding.h"

enum { CONTROL_OUTPUT = 3 };        /* of a console */

/* ---- 11: blk ---- */

/* A request with this header, data of `size` bytes and a status, flags as given. */
static void ask_disk(struct any *d, uint32_t type, uint64_t sector, uint32_t header_size,
                     uint32_t size, uint16_t data_flags)
{
    struct blk_header header = {type, 0, sector};
    struct desc chain[] = {
        {(uintptr_t)buffer, header_size, DESC_NEXT, 1},
        {(uintptr_t)buffer + DATA_AT, size, (uint16_t)(data_flags | DESC_NEXT), 2},
        {(uintptr_t)buffer + STATUS_AT, 1, DESC_WRITE, 0},
    };

    memcpy(buffer, &header, sizeof header);
    send_chain(d, 0, chain, 3);
}

#define ASKING(name, ...)                                                                          \
    static void name(struct any *d)                                                                \
    {                                                                                              \
        ask_disk(d, __VA_ARGS__);                                                                  \
    }

ASKING(sector_at_capacity, BLK_IN, 8192, 16, 512, DESC_WRITE)
ASKING(sector_and_more, BLK_IN, 8191, 16, 1024, DESC_WRITE)
ASKING(sector_wraps, BLK_IN, ~0ull, 16, 1024, DESC_WRITE)
ASKING(bytes_wrap, BLK_OUT, 1ull << 55, 16, 512, 0)
ASKING(type_unknown, ~0u, 0, 16, 512, DESC_WRITE)
ASKING(type_scsi, 2, 0, 16, 512, DESC_WRITE)
ASKING(uneven, BLK_IN, 0, 16, 511, DESC_WRITE)
ASKING(header_short, BLK_IN, 0, 7, 512, DESC_WRITE)
ASKING(id_short, BLK_GET_ID, 0, 16, 1, DESC_WRITE)
ASKING(read_into_readable, BLK_IN, 0, 16, 512, 0)
ASKING(write_from_writable, BLK_OUT, 0, 16, 512, DESC_WRITE)
ASKING(discard_of_half_a_range, 11, 0, 16, 8, 0)
ASKING(discard_of_too_many, 11, 0, 16, 17 * 16, 0)

static void zeroes_beyond(struct any *d)
{
    memset(buffer + DATA_AT, 0xff, 16);
    ask_disk(d, 13, 0, 16, 16, 0);
}

static void header_in_pieces(struct any *d)
{
    struct desc chain[ANY_CHAIN];

    memset(buffer, 0, 16);
    for (unsigned i = 0; i < 13; i++)
        chain[i] = (struct desc){(uintptr_t)buffer + i, i < 12 ? 1 : 4, DESC_NEXT, (uint16_t)(i + 1)};
    chain[13] = (struct desc){(uintptr_t)buffer + DATA_AT, 512, DESC_WRITE | DESC_NEXT, 14};
    chain[14] = (struct desc){(uintptr_t)buffer + STATUS_AT, 1, DESC_WRITE, 0};
    send_chain(d, 0, chain, 15);
}

/* ---- 11: rng, console; 13: net ---- */

static void send_one(struct any *d, unsigned q, uint32_t size, uint16_t flags)
{
    struct desc chain = {(uintptr_t)buffer, size, flags, 0};

    send_chain(d, q, &chain, 1);
}

static void room_that_overlaps(struct any *d)
{
    struct desc chain[ANY_RING];

    for (unsigned i = 0; i < ANY_RING; i++)
        chain[i] = (struct desc){0x200000, 0x1000000, DESC_WRITE | (i + 1 < ANY_RING ? DESC_NEXT : 0),
                                 (uint16_t)(i + 1)};
    send_chain(d, 0, chain, ANY_RING);
}

static void no_room(struct any *d)
{
    send_one(d, 0, 16, 0);
}

static void messages_of_nonsense(struct any *d)
{
    for (unsigned i = 0; i < 12; i++) {
        memset(buffer, (int)(i * 37), 64);
        send_one(d, CONTROL_OUTPUT, i < 9 ? i + 1 : 4096, 0);
        any_used(d, CONTROL_OUTPUT);
    }
}

static void answers_without_room(struct any *d)
{
    static const uint8_t ready[8] = {0, 0, 0, 0, 0, 0, 1, 0};

    send_one(d, 2, 1, DESC_WRITE);
    for (unsigned i = 0; i < 8; i++) {
        memcpy(buffer, ready, sizeof ready);
        send_one(d, CONTROL_OUTPUT, sizeof ready, 0);
        any_used(d, CONTROL_OUTPUT);
    }
}

static void packets_too_short(struct any *d)
{
    static const uint32_t sizes[] = {1, 11, 12, 13, 25};

    for (unsigned i = 0; i < 5; i++) {
        memset(buffer, 0, 64);
        send_one(d, 1, sizes[i], 0);
        any_used(d, 1);
    }
}

static void packets_that_lie(struct any *d)
{
    for (unsigned i = 0; i < 10; i++) {
        memset(buffer, i < 5 ? 0xff : 0, 64);
        buffer[0] = (uint8_t)(i & 3);       /* flags, kind of segments, their size */
        buffer[1] = (uint8_t)(1u << i % 8);
        buffer[6] = 0xff;
        buffer[7] = 0xff;
        send_one(d, 1, 12 + 64, 0);
        any_used(d, 1);
    }
}

static void packet_too_long(struct any *d)
{
    struct desc chain[ANY_RING];

    memset(buffer, 0, 64);
    for (unsigned i = 0; i < ANY_RING; i++)
        chain[i] = (struct desc){(uintptr_t)buffer, 8192, i + 1 < ANY_RING ? DESC_NEXT : 0,
                                 (uint16_t)(i + 1)};
    send_chain(d, 1, chain, ANY_RING);
    any_used(d, 1);
}

static void receive_into_a_byte(struct any *d)
{
    send_one(d, 0, 1, DESC_WRITE);
    send_one(d, 0, 64, 0);
}

/* A command of these bytes, with or without room for the answer. */
static void command(struct any *d, const void *bytes, uint32_t size, bool answer)
{
    struct desc chain[] = {
        {(uintptr_t)buffer, size, answer ? DESC_NEXT : 0, 1},
        {(uintptr_t)buffer + STATUS_AT, 1, DESC_WRITE, 0},
    };

    memcpy(buffer, bytes, size);
    send_chain(d, 2, chain, answer ? 2 : 1);
    any_used(d, 2);
}

static void commands_of_nonsense(struct any *d)
{
    static const uint8_t tables[] = {1, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6};
    static const uint8_t second[] = {1, 0, 0, 0, 0, 0, 0xab, 0xaa, 0xaa, 0x2a};
    static const uint8_t pairs[] = {4, 0, 0xff, 0xff}, unknown[] = {0xff, 0xff, 0};
    static const uint8_t address[] = {1, 1, 1, 2, 3}, offloads[] = {5, 0, 0xff, 0xff};

    command(d, tables, 1, true);
    command(d, tables, sizeof tables, true);
    command(d, second, sizeof second, true);
    command(d, pairs, sizeof pairs, true);
    command(d, unknown, sizeof unknown, true);
    command(d, address, sizeof address, true);
    command(d, offloads, sizeof offloads, true);
    command(d, unknown, sizeof unknown, false);
}

const struct attack request_attacks[] = {
    {11, "sector at the end", sector_at_capacity, BLK, 0},
    {11, "sector and more", sector_and_more, BLK, 0},
    {11, "sector wraps", sector_wraps, BLK, 0},
    {11, "bytes wrap", bytes_wrap, BLK, 0},
    {11, "unknown type", type_unknown, BLK, 0},
    {11, "SCSI", type_scsi, BLK, 0},
    {11, "uneven", uneven, BLK, 0},
    {11, "short header", header_short, BLK, 0},
    {11, "short ID", id_short, BLK, 0},
    {11, "read into readable", read_into_readable, BLK, 0},
    {11, "write from writable", write_from_writable, BLK, 0},
    {11, "half a range", discard_of_half_a_range, BLK, 0},
    {11, "too many ranges", discard_of_too_many, BLK, 0},
    {11, "zeroes beyond", zeroes_beyond, BLK, 0},
    {11, "header in pieces", header_in_pieces, BLK, 0},
    {11, "room that overlaps", room_that_overlaps, RNG, 0},
    {11, "no room", no_room, RNG, 0},
    {11, "messages of nonsense", messages_of_nonsense, CONSOLE, 0},
    {11, "answers without room", answers_without_room, CONSOLE, 0},
    {13, "too short", packets_too_short, NET, 0},
    {13, "headers that lie", packets_that_lie, NET, 0},
    {13, "too long", packet_too_long, NET, 0},
    {13, "received into a byte", receive_into_a_byte, NET, 0},
    {13, "commands of nonsense", commands_of_nonsense, NET, 0},
    {0, NULL, NULL, 0, 0},
};
