/*
 * families.c - a freestanding guest that goes through every family of bad input for each device of
 * the machine, with split and packed rings, and gives verdicts.
 *
 * After each attack the device either says NEEDS_RESET (REJECT) or does not mind (PASS); in both
 * cases a reset makes it work again: a good request is answered. WEDGED: it does not reset. FAIL: it
 * does not work. One line for each family of each device:
 *
 *   verdict DEVICE TRANSPORT RING FAMILY VERDICT ATTACKS
 */
#include "attacks.h"
#include "freestanding.h"

enum { DEVICES_MAX = 8, FAMILIES = 17, OUTPUT = 1, CONTROL = 2 };

uint8_t buffer[8192] __attribute__((aligned(4096)));

unsigned good_queue(const struct any *d)
{
    return d->id == CONSOLE ? OUTPUT : d->id == NET ? CONTROL : 0;
}

unsigned good_chain(const struct any *d, struct desc *chain)
{
    uintptr_t at = (uintptr_t)buffer;

    memset(buffer, 0, STATUS_AT);
    switch (d->id) {
    case BLK:
        chain[0] = (struct desc){at, sizeof(struct blk_header), DESC_NEXT, 1};
        chain[1] = (struct desc){at + DATA_AT, SECTOR, DESC_NEXT | DESC_WRITE, 2};
        chain[2] = (struct desc){at + STATUS_AT, 1, DESC_WRITE, 0};
        buffer[STATUS_AT] = BLK_NO_STATUS;
        return 3;
    case NET:                       /* promiscuous: 1 */
        buffer[2] = 1;
        buffer[STATUS_AT] = BLK_NO_STATUS;
        chain[0] = (struct desc){at, 3, DESC_NEXT, 1};
        chain[1] = (struct desc){at + STATUS_AT, 1, DESC_WRITE, 0};
        return 2;
    case CONSOLE:
        memcpy(buffer, "hello\n", 6);
        chain[0] = (struct desc){at, 6, 0, 0};
        return 1;
    default:
        chain[0] = (struct desc){at, 16, DESC_WRITE, 0};
        return 1;
    }
}

void send_chain(struct any *d, unsigned q, const struct desc *chain, unsigned n)
{
    any_offer(d, q, chain, n, 0, 1);
    any_kick(d, q);
}

/* A good request on a device just started is answered as it should be. */
static bool works(struct any *d)
{
    struct desc chain[ANY_CHAIN];
    int64_t used;

    send_chain(d, good_queue(d), chain, good_chain(d, chain));
    used = any_used(d, good_queue(d));
    switch (d->id) {
    case BLK:
        return used == SECTOR + 1 && buffer[STATUS_AT] == BLK_OK;
    case NET:
        return used == 1 && buffer[STATUS_AT] == 0;
    case CONSOLE:
        return used == 0;
    default:
        return used > 0 && used <= 16;
    }
}

static const char *const words[] = {"-", "PASS", "REJECT", "FAIL", "WEDGED"};
enum verdict { NONE, PASS, REJECT, FAIL, WEDGED };

/* One attack on a device that works, and what it is like afterwards. */
static enum verdict judge(struct any *d, const struct attack *attack, uint64_t features)
{
    enum verdict verdict = PASS;

    attack->commit(d);
    any_used(d, good_queue(d));
    if (any_broken(d))
        verdict = REJECT;
    if (any_open(d, features) && works(d))
        return verdict;
    return any_reset(d) ? FAIL : WEDGED;
}

static void try_all(struct any *d, const struct attack *attacks, uint64_t features,
                    enum verdict *verdicts, unsigned *counts)
{
    for (const struct attack *a = attacks; a->name != NULL; a++) {
        enum verdict verdict;

        if ((a->device != 0 && a->device != d->id) ||
            (a->rings != 0 && a->rings != (features >> FEATURE_PACKED & 1 ? PACKED : SPLIT)))
            continue;
        verdict = judge(d, a, features);
        if (verdict >= FAIL)
            print("%s: family %u, %s, device %u\n", words[verdict], a->family, a->name, d->id);
        if (verdict > verdicts[a->family])
            verdicts[a->family] = verdict;
        counts[a->family]++;
    }
}

static void go_through(struct any *d, bool packed)
{
    static const char *const names[] = {"?", "net", "blk", "console", "rng"};
    uint64_t features = ~(1ull << FEATURE_EVENT_IDX | (uint64_t)!packed << FEATURE_PACKED);
    enum verdict verdicts[FAMILIES] = {NONE};
    unsigned counts[FAMILIES] = {0};

    if (!any_open(d, features) || !works(d)) {
        print("FAIL: device %u does not work at all\n", d->id);
        guest_exit(1);
    }
    if (packed && !d->packed)
        return;
    features &= d->regs.features;
    try_all(d, ring_attacks, features, verdicts, counts);
    try_all(d, device_attacks, features, verdicts, counts);
    try_all(d, request_attacks, features, verdicts, counts);
    for (unsigned family = 0; family < FAMILIES; family++) {
        if (counts[family] > 0)
            print("verdict %s %s %s %u %s %u\n", names[d->id % 5], d->regs.pci ? "pci" : "mmio",
                  packed ? "packed" : "split", family, words[verdicts[family]], counts[family]);
    }
    any_reset(d);                   /* the next device has the same rings */
}

int guest_main(const char *arguments)
{
    static struct any d;
    unsigned n = 0;

    (void)arguments;
    for (; n < DEVICES_MAX && any_find(&d, n); n++) {
        go_through(&d, false);
        go_through(&d, true);
    }
    while (n-- > 0) {               /* nobody was harmed by what the others went through */
        if (!any_find(&d, n) || !any_open(&d, 0) || (d.id != NET && !works(&d)))
            print("FAIL: device %u at the end\n", d.id);
    }
    print("done\n");
    return 0;
}
