/*
 * blk.c - a freestanding guest that uses the disk in slot 0 as a driver should, and checks every
 * byte.
 *
 * Arguments: "write" (the default), "read-only". Prints a line per step; status 0 when all is well.
 */
#include "freestanding.h"
#include "virtio_blk.h"

enum {
    BLOCK = 4096,
    BLOCK_SECTORS = BLOCK / SECTOR,
    BATCH = QUEUE_SIZE / 3,         /* requests of three descriptors that the ring holds */
    ROUNDS = 3,
};

static uint64_t blocks[BATCH][BLOCK / 8] __attribute__((aligned(BLOCK)));

static void check(bool good, const char *what)
{
    print("%s %s\n", good ? "ok" : "FAIL", what);
    if (!good)
        guest_exit(1);
}

/* What block `number` holds; the test on the host computes the same. */
static uint64_t pattern(uint64_t number, uint64_t word)
{
    return (number + 1) * 0x9e3779b97f4a7c15 + word;
}

static void fill(uint64_t *block, uint64_t number)
{
    for (uint64_t i = 0; i < BLOCK / 8; i++)
        block[i] = pattern(number, i);
}

static bool holds(const uint64_t *block, uint64_t number)
{
    for (uint64_t i = 0; i < BLOCK / 8; i++) {
        if (block[i] != pattern(number, i))
            return false;
    }
    return true;
}

static void check_negotiation(struct blk *blk)
{
    blk_reset(blk);
    check(!blk_negotiate(blk, 0), "features without VERSION_1 are refused");
    blk_reset(blk);
    blk_negotiate(blk, 1ull << FEATURE_VERSION_1);
    check(blk->offered & 1ull << FEATURE_VERSION_1, "VERSION_1 is offered");
    blk_reset(blk);
    blk_set(blk, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    blk_set(blk, REG_DRIVER_FEATURES_SEL, 1);
    blk_set(blk, REG_DRIVER_FEATURES, ~0u);
    blk_set(blk, REG_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
    check(!(blk_get(blk, REG_STATUS) & STATUS_FEATURES_OK),
          "features that were not offered are refused");
}

/* A full ring of requests at once, every block at its own place. */
static void transfer_batch(struct blk *blk, uint32_t type, uint64_t first_block)
{
    uint32_t size;

    for (uint16_t i = 0; i < BATCH; i++) {
        uint16_t head = (uint16_t)(3 * i);

        blk_request(blk, head, type, (first_block + i) * BLOCK_SECTORS, blocks[i], BLOCK);
        blk_offer(blk, i, head);
    }
    blk_publish(blk, BATCH);
    for (unsigned i = 0; i < BATCH; i++) {
        int head = blk_wait(blk, &size);

        if (head < 0 || head % 3 != 0 || blk_status(blk, (uint16_t)head) != BLK_OK)
            check(false, type == BLK_OUT ? "a write of a batch" : "a read of a batch");
        if (type == BLK_IN && size != BLOCK + 1)
            check(false, "the used length of a read");
    }
}

static void check_data(struct blk *blk)
{
    for (uint64_t round = 0; round < ROUNDS; round++) {
        for (uint64_t i = 0; i < BATCH; i++)
            fill(blocks[i], round * BATCH + i);
        transfer_batch(blk, BLK_OUT, round * BATCH);
    }
    check(true, "blocks written, a full ring at a time");
    check(blk_do(blk, BLK_FLUSH, 0, NULL, 0) == BLK_OK, "flush");
    for (uint64_t round = 0; round < ROUNDS; round++) {
        memset(blocks, 0xa5, sizeof blocks);
        transfer_batch(blk, BLK_IN, round * BATCH);
        for (uint64_t i = 0; i < BATCH; i++) {
            if (!holds(blocks[i], round * BATCH + i))
                check(false, "a block read back");
        }
    }
    check(true, "every block read back as written");
}

static void check_identity(struct blk *blk)
{
    char id[21];

    memset(id, 0, sizeof id);
    check(blk_do(blk, BLK_GET_ID, 0, id, 20) == BLK_OK, "get-id");
    print("serial %s, %u sectors\n", id, (unsigned)blk->capacity);
}

/* Requests that are well-formed, but cannot be done: each gets its error, and the disk goes on. */
static void check_errors(struct blk *blk)
{
    uint64_t *block = blocks[0];

    check(blk_do(blk, BLK_IN, blk->capacity, block, SECTOR) == BLK_IOERR,
          "a read behind the end fails");
    check(blk_do(blk, BLK_IN, blk->capacity - 1, block, 2 * SECTOR) == BLK_IOERR,
          "a read over the end fails");
    check(blk_do(blk, BLK_OUT, ~0ull, block, SECTOR) == BLK_IOERR, "a sector that wraps fails");
    check(blk_do(blk, BLK_OUT, 1ull << 55, block, SECTOR) == BLK_IOERR,
          "an offset that wraps fails");
    check(blk_do(blk, BLK_OUT, 0, block, SECTOR - 1) == BLK_IOERR, "half a sector fails");
    check(blk_do(blk, 77, 0, block, SECTOR) == BLK_UNSUPPORTED,
          "an unknown request is unsupported");
    check(blk_do(blk, BLK_IN, blk->capacity - 1, block, SECTOR) == BLK_OK,
          "the last sector can be read");
    check(!(blk_get(blk, REG_STATUS) & STATUS_NEEDS_RESET), "the device is still healthy");
}

static void check_read_only(struct blk *blk)
{
    check(blk->offered & 1ull << FEATURE_BLK_RO, "the disk says that it is read-only");
    check(blk_do(blk, BLK_OUT, 0, blocks[0], SECTOR) == BLK_IOERR, "a write is refused");
    check(blk_do(blk, BLK_IN, 0, blocks[0], SECTOR) == BLK_OK, "a read works");
}

int guest_main(const char *arguments)
{
    struct blk blk;

    check(blk_find(&blk, 0), "there is a virtio disk");
    check_negotiation(&blk);
    blk_open(&blk);
    check_identity(&blk);
    if (same_text(arguments, "read-only")) {
        check_read_only(&blk);
    } else {
        check_data(&blk);
        check_errors(&blk);
    }
    blk_reset(&blk);
    print("done\n");
    return 0;
}
