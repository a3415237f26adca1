/*
 * A vhost-user-blk load with verified contents, and its figures as one line of JSON.
 *
 * First fills the blocks, then keeps `depth` requests in flight on each queue for `seconds`:
 * random 4 KiB reads and writes and now and then a flush, then reads every block once more. A
 * block carries its number and a version in every 8 bytes; a block has one request at a time, so
 * a read must bring exactly the last version whose write was acknowledged. When the back end dies
 * and --reconnect is given, the load waits for the next one and goes on with what was in flight.
 *
 * Exit status: 0 all contents right; 1 wrong contents, an error status or a ring gone wrong;
 * 2 the back end cannot be used.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vublk_client.h"

#define SECTORS (BLOCK / 512)
#define BUCKETS (64 * 16)

struct options {
    const char *socket;
    unsigned queues, depth, read_percent, flush_every;
    uint64_t blocks, seed;
    double seconds;
    bool poll, verify, reconnect;
    long pid;               /* of the back end, for its CPU time; 0: unknown */
};

struct request {
    uint32_t type;
    uint64_t block;
    uint32_t version;       /* what a write writes, or a read must see */
    uint64_t started;       /* 0: the slot is free */
};

struct load {
    struct options options;
    struct client client;
    struct request requests[MAX_QUEUES][MAX_DEPTH];
    uint32_t *version;      /* of each block; acknowledged */
    bool *busy;             /* the block has a request */
    uint64_t random;
    unsigned in_flight;
    uint64_t next_block;    /* of a sweep over all blocks */
    uint64_t done, reads, writes, flushes, errors, reconnects;
    uint64_t latency[BUCKETS];
    uint64_t latency_sum;
};

enum phase { FILL, MIX, CHECK };

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t next_random(struct load *l)
{
    l->random ^= l->random << 13;
    l->random ^= l->random >> 7;
    l->random ^= l->random << 17;
    return l->random;
}

/* What the 8 bytes at `word` of a block must be. */
static uint64_t content(uint64_t block, uint32_t version, unsigned word)
{
    return (block << 32 ^ version) * 0x9e3779b97f4a7c15u + word;
}

static void fill(uint64_t *data, uint64_t block, uint32_t version)
{
    for (unsigned i = 0; i < BLOCK / 8; i++) {
        data[i] = content(block, version, i);
    }
}

static bool matches(const uint64_t *data, uint64_t block, uint32_t version)
{
    uint64_t difference = 0;

    for (unsigned i = 0; i < BLOCK / 8; i++) {
        difference |= data[i] ^ content(block, version, i);
    }
    return difference == 0;
}

/* Log-linear: 16 buckets for each power of two. */
static unsigned bucket_of(uint64_t ns)
{
    unsigned top = ns < 16 ? 4 : 63 - (unsigned)__builtin_clzll(ns);

    return (top - 4) * 16 + (unsigned)(ns >> (top - 4)) % 16 + (ns < 16 ? 0 : 16);
}

static double bucket_us(unsigned bucket)
{
    unsigned top = bucket < 16 ? 4 : bucket / 16 + 3;
    uint64_t low = bucket < 16 ? bucket : (uint64_t)(16 + bucket % 16) << (top - 4);

    return (double)low / 1000;
}

static double percentile(const struct load *l, double share)
{
    uint64_t want = (uint64_t)((double)l->done * share), seen = 0;

    for (unsigned i = 0; i < BUCKETS; i++) {
        seen += l->latency[i];
        if (seen > want) {
            return bucket_us(i);
        }
    }
    return 0;
}

/* User and system time of a process and its threads in seconds; 0 when it is not known. */
static double cpu_seconds(long pid)
{
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    const char *at;
    FILE *file;
    size_t n;

    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    file = pid ? fopen(path, "r") : NULL;
    if (!file) {
        return 0;
    }
    n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    at = strrchr(text, ')');
    if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                      &system) != 2) {
        return 0;
    }
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* A block nobody works on; the number of blocks is far above the number of requests. */
static uint64_t free_block(struct load *l)
{
    uint64_t block;

    do {
        block = next_random(l) % l->options.blocks;
    } while (l->busy[block]);
    return block;
}

/* Chooses the next request. False: the sweep is over. */
static bool choose(struct load *l, enum phase phase, struct request *r)
{
    if (phase != MIX) {
        if (l->next_block == l->options.blocks) {
            return false;
        }
        r->type = phase == FILL ? BLK_OUT : BLK_IN;
        r->block = l->next_block++;
    } else if (l->options.flush_every && next_random(l) % l->options.flush_every == 0) {
        r->type = BLK_FLUSH;
    } else {
        r->type = next_random(l) % 100 < l->options.read_percent ? BLK_IN : BLK_OUT;
        r->block = free_block(l);
    }
    return true;
}

/* Starts a request in a free slot. False: there is nothing left to do. */
static bool start(struct load *l, enum phase phase, unsigned q, unsigned slot)
{
    struct request *r = &l->requests[q][slot];

    if (!choose(l, phase, r)) {
        return false;
    }
    if (r->type != BLK_FLUSH) {
        l->busy[r->block] = true;
        r->version = l->version[r->block] + (r->type == BLK_OUT);
    }
    if (r->type == BLK_OUT && l->options.verify) {
        fill(client_data(&l->client, q, slot), r->block, r->version);
    }
    r->started = now_ns();
    client_submit(&l->client, q, slot, r->type, r->block * SECTORS);
    l->in_flight++;
    return true;
}

static void wrong(struct load *l, const char *what, const struct request *r)
{
    l->errors++;
    fprintf(stderr, "vublk_load: %s: type %u, block %llu, version %u\n", what, r->type,
            (unsigned long long)r->block, r->version);
}

/* A request is back: checks it and frees its slot. */
static void finish(struct load *l, unsigned q, unsigned slot, uint8_t status)
{
    struct request *r = &l->requests[q][slot];
    uint64_t took = now_ns() - r->started;

    if (r->started == 0) {
        wrong(l, "a request completed twice", r);
        return;
    }
    if (status != 0) {
        wrong(l, "the back end reports an error", r);
    } else if (r->type == BLK_IN && l->options.verify &&
               !matches(client_data(&l->client, q, slot), r->block, r->version)) {
        wrong(l, "wrong contents", r);
    }
    if (r->type == BLK_OUT) {
        l->version[r->block] = r->version;
        l->writes++;
    } else if (r->type == BLK_IN) {
        l->reads++;
    } else {
        l->flushes++;
    }
    if (r->type != BLK_FLUSH) {
        l->busy[r->block] = false;
    }
    r->started = 0;
    l->done++;
    l->latency[bucket_of(took)]++;
    l->latency_sum += took;
    l->in_flight--;
}

/* Takes what is finished on q, and starts as many in its place while `more`. True: something was. */
static bool serve_queue(struct load *l, enum phase phase, unsigned q, bool *more)
{
    bool any = false, started = false;
    uint8_t status;
    int slot;

    while ((slot = client_finished(&l->client, q, &status)) != -1) {
        any = true;
        if (slot < 0) {
            fprintf(stderr, "vublk_load: the used ring names a head that does not exist\n");
            exit(1);
        }
        finish(l, q, (unsigned)slot, status);
        if (*more) {
            *more = start(l, phase, q, (unsigned)slot);
            started |= *more;
        }
    }
    if (started) {
        client_kick(&l->client, q);
    }
    return any;
}

static void reconnect(struct load *l)
{
    if (!l->options.reconnect) {
        fprintf(stderr, "vublk_load: the back end went away\n");
        exit(1);
    }
    if (client_connect(&l->client, 30)) {
        exit(2);
    }
    l->reconnects++;
    for (unsigned q = 0; q < l->client.queues; q++) {
        client_kick(&l->client, q);
    }
}

/* Nothing was finished: waits for a call, or polls; comes back after a reconnection too. */
static void idle(struct load *l, unsigned *spins, uint64_t *last)
{
    bool alive = true;

    if (!l->client.poll) {
        alive = client_wait(&l->client, 1000);
    } else if (++*spins % 65536 == 0) {
        alive = client_alive(&l->client);
    }
    if (!alive) {
        reconnect(l);
        *last = now_ns();
    } else if (*spins % 1024 == 0 && now_ns() - *last > 20000000000u) {
        fprintf(stderr, "vublk_load: nothing completed for 20 s, %u requests in flight\n",
                l->in_flight);
        exit(1);
    }
}

/* Runs a phase: MIX for `seconds`, a sweep until all blocks were visited. Leaves none in flight. */
static void run(struct load *l, enum phase phase, double seconds)
{
    uint64_t end = now_ns() + (uint64_t)(seconds * 1e9), last = now_ns();
    bool more = true;
    unsigned spins = 0;

    l->next_block = 0;
    for (unsigned q = 0; q < l->client.queues; q++) {
        for (unsigned slot = 0; slot < l->client.depth && more; slot++) {
            more = start(l, phase, q, slot);
        }
        client_kick(&l->client, q);
    }
    while (l->in_flight) {
        bool any = false;

        for (unsigned q = 0; q < l->client.queues; q++) {
            any |= serve_queue(l, phase, q, &more);
        }
        if (any) {
            last = now_ns();
            more = more && (phase != MIX || last < end);
        } else {
            idle(l, &spins, &last);
        }
    }
}

static void forget_figures(struct load *l)
{
    l->done = l->reads = l->writes = l->flushes = l->latency_sum = 0;
    memset(l->latency, 0, sizeof l->latency);
}

static void measure(struct load *l)
{
    double cpu = cpu_seconds(l->options.pid), seconds;
    uint64_t start_ns = now_ns();

    forget_figures(l);
    run(l, MIX, l->options.seconds);
    seconds = (double)(now_ns() - start_ns) / 1e9;
    cpu = cpu_seconds(l->options.pid) - cpu;
    printf("{\"queues\": %u, \"depth\": %u, \"mode\": \"%s\", \"read_percent\": %u, ",
           l->client.queues, l->client.depth, l->client.poll ? "poll" : "event",
           l->options.read_percent);
    printf("\"seconds\": %.3f, \"requests\": %llu, \"reads\": %llu, \"writes\": %llu, "
           "\"flushes\": %llu, \"iops\": %.0f, ", seconds, (unsigned long long)l->done,
           (unsigned long long)l->reads, (unsigned long long)l->writes,
           (unsigned long long)l->flushes, (double)l->done / seconds);
    printf("\"mean_us\": %.2f, \"p50_us\": %.2f, \"p99_us\": %.2f, \"p999_us\": %.2f, ",
           l->done ? (double)l->latency_sum / (double)l->done / 1000 : 0, percentile(l, 0.5),
           percentile(l, 0.99), percentile(l, 0.999));
    printf("\"cpu_us\": %.3f, ", l->done ? cpu * 1e6 / (double)l->done : 0);
}

static void usage(int status)
{
    fprintf(status ? stderr : stdout,
            "usage: vublk_load --socket PATH [--queues N] [--depth N] [--seconds S] [--poll]\n"
            "       [--read-percent P] [--flush-every N] [--blocks N] [--seed N] [--pid PID]\n"
            "       [--no-verify] [--reconnect]\n"
            "Verified 4 KiB reads and writes on a vhost-user-blk back end. The disk's first blocks\n"
            "are overwritten. Prints one line of JSON.\n");
    exit(status);
}

static unsigned long number(const char *text, unsigned long low, unsigned long high)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || value < low || value > high) {
        fprintf(stderr, "vublk_load: '%s' is not a number from %lu to %lu\n", text, low, high);
        exit(2);
    }
    return value;
}

static void parse(struct options *o, int argc, char **argv)
{
    static const struct option longs[] = {
        { "socket", 1, NULL, 's' }, { "queues", 1, NULL, 'q' }, { "depth", 1, NULL, 'd' },
        { "seconds", 1, NULL, 't' }, { "poll", 0, NULL, 'p' }, { "read-percent", 1, NULL, 'r' },
        { "flush-every", 1, NULL, 'f' }, { "blocks", 1, NULL, 'b' }, { "seed", 1, NULL, 'x' },
        { "pid", 1, NULL, 'i' }, { "no-verify", 0, NULL, 'n' }, { "reconnect", 0, NULL, 'c' },
        { "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 },
    };
    int option;

    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (option) {
        case 's': o->socket = optarg; break;
        case 'q': o->queues = (unsigned)number(optarg, 1, MAX_QUEUES); break;
        case 'd': o->depth = (unsigned)number(optarg, 1, MAX_DEPTH); break;
        case 't': o->seconds = strtod(optarg, NULL); break;
        case 'p': o->poll = true; break;
        case 'r': o->read_percent = (unsigned)number(optarg, 0, 100); break;
        case 'f': o->flush_every = (unsigned)number(optarg, 0, 1000000); break;
        case 'b': o->blocks = number(optarg, 1, 1u << 30); break;
        case 'x': o->seed = number(optarg, 1, 1u << 30); break;
        case 'i': o->pid = (long)number(optarg, 1, 1u << 30); break;
        case 'n': o->verify = false; break;
        case 'c': o->reconnect = true; break;
        case 'h': usage(0); break;
        default: usage(2);
        }
    }
    if (!o->socket || optind != argc) {
        usage(2);
    }
}

int main(int argc, char **argv)
{
    static struct load load = {
        .options = { .queues = 1, .depth = 32, .read_percent = 70, .flush_every = 1000,
                     .blocks = 16384, .seed = 1, .seconds = 5, .verify = true },
    };
    struct load *l = &load;

    parse(&l->options, argc, argv);
    client_init(&l->client, l->options.socket, l->options.queues, l->options.depth,
                l->options.poll);
    if (client_connect(&l->client, 5)) {
        return 2;
    }
    if (l->options.blocks > l->client.capacity / BLOCK) {
        l->options.blocks = l->client.capacity / BLOCK;
    }
    if (l->options.blocks < 2ull * l->options.queues * l->options.depth) {
        fprintf(stderr, "vublk_load: a disk of %llu bytes is too small for this many requests\n",
                (unsigned long long)l->client.capacity);
        return 2;
    }
    l->version = calloc(l->options.blocks, sizeof *l->version);
    l->busy = calloc(l->options.blocks, sizeof *l->busy);
    if (!l->version || !l->busy) {
        return 2;
    }
    l->random = l->options.seed * 0x9e3779b97f4a7c15u;
    if (l->options.verify) {
        run(l, FILL, 0);
    }
    measure(l);
    if (l->options.verify) {
        run(l, CHECK, 0);
    }
    l->errors += client_disconnect(&l->client) != 0;
    printf("\"reconnects\": %llu, \"errors\": %llu}\n", (unsigned long long)l->reconnects,
           (unsigned long long)l->errors);
    return l->errors != 0;
}
