/*
 * device_targets.c - fuzz targets of devices behind virtio-mmio: each makes its requests, the rest
 * is one loop that offers, kicks, resets, stops, reads, writes and lets the other end of the
 * device act.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver.h"
#include "echo.h"
#include "log.h"

#define STEPS_MAX 200
#define PEERS_MAX 2

/* What a device's target adds to the loop. */
struct kind {
    const char *device;         /* for --device, with %d for its end of a socket; NULL: echo.c */
    int peer_type;              /* of the sockets */
    unsigned n_peers;
    uint64_t force, forbid;     /* features */
    bool framed;                /* a length stands before each packet */
    bool mostly_registers;
    /* Builds one request, and says for which queue. */
    uint16_t (*request)(struct driver *d, struct fuzz_input *in, struct driver_chain *c);
    uint32_t answers;           /* bits of queues whose chains all come back, without help */
};

static int peers[PEERS_MAX];    /* our ends */

/* ---- requests ---- */

static uint32_t small(struct fuzz_input *in, uint32_t most)
{
    return fuzz_rare(in) ? fuzz_number(in) % (RAM_MORE / 2) : fuzz_u16(in) % (most + 1);
}

static uint16_t blk_request(struct driver *d, struct fuzz_input *in, struct driver_chain *c)
{
    static const uint32_t types[] = {0, 1, 0, 1, 4, 8, 11, 13};
    static uint8_t bytes[RAM_MORE / 2];
    struct {
        uint32_t type, reserved;
        uint64_t sector;
    } header = {types[fuzz_u8(in) % 8], 0, fuzz_u16(in) % DISK_SECTORS};
    struct {
        uint64_t sector;
        uint32_t n, flags;
    } range = {fuzz_u16(in) % DISK_SECTORS, fuzz_u8(in), 0};
    uint32_t size = fuzz_rare(in) ? small(in, 4096) : 512u * (1 + fuzz_u8(in) % 8);

    if (fuzz_rare(in))
        header.type = fuzz_u32(in);
    if (fuzz_rare(in))
        header.sector = fuzz_u64(in);
    if (fuzz_rare(in))
        range = (__typeof__(range)){fuzz_u64(in), fuzz_u32(in), fuzz_u8(in)};
    driver_add_out(d, in, c, &header, fuzz_rare(in) ? fuzz_u8(in) % 17 : sizeof header);
    if (header.type == 11 || header.type == 13) {
        for (unsigned n = fuzz_rare(in) ? fuzz_u8(in) % 20 : 1; n > 0; n--)
            driver_add_out(d, in, c, &range, fuzz_rare(in) ? 15 : sizeof range);
    } else if (header.type == 1) {
        driver_add_out(d, in, c, bytes, size);
    } else if (header.type != 4) {
        driver_add_in(d, in, c, size);
    }
    if (!fuzz_rare(in))
        driver_add_in(d, in, c, 1);
    return fuzz_u8(in) % 2;
}

static uint16_t rng_request(struct driver *d, struct fuzz_input *in, struct driver_chain *c)
{
    if (fuzz_rare(in))
        driver_add_out(d, in, c, "x", 1);
    driver_add_in(d, in, c, small(in, 600));
    return 0;
}

/* Text or messages for the ports, room for what comes. */
static uint16_t console_request(struct driver *d, struct fuzz_input *in, struct driver_chain *c)
{
    static const uint8_t text[8192] = "console";
    uint16_t q = fuzz_u8(in) % 6;
    struct {
        uint32_t port;
        uint16_t event, value;
    } message = {fuzz_u8(in) % 2, fuzz_u8(in) % 8, fuzz_u8(in) % 2};

    if (q % 2 == 0) {
        driver_add_in(d, in, c, small(in, 200));
    } else if (q == 3) {
        if (fuzz_rare(in))
            message = (__typeof__(message)){fuzz_u32(in), fuzz_u16(in), fuzz_u16(in)};
        driver_add_out(d, in, c, &message, fuzz_rare(in) ? fuzz_u8(in) % 9 : sizeof message);
    } else {
        driver_add_out(d, in, c, text, small(in, 5000) % sizeof text);
    }
    if (fuzz_rare(in))
        driver_add_in(d, in, c, 3);
    return q;
}

static void net_packet(struct driver *d, struct fuzz_input *in, struct driver_chain *c)
{
    static const uint8_t gso[] = {0, 0, 0, 1, 3, 4, 0x81, 0x84};
    static uint8_t packet[RAM_MORE / 2];
    struct {
        uint8_t flags, gso;
        uint16_t header_length, gso_size, csum_start, csum_offset, buffers;
    } header = {fuzz_u8(in) % 2, gso[fuzz_u8(in) % 8], fuzz_u8(in), fuzz_u16(in) % 2000,
                fuzz_u8(in) % 64, fuzz_u8(in) % 32, 0};

    if (fuzz_rare(in))
        header = (__typeof__(header)){fuzz_u8(in), fuzz_u8(in), fuzz_u16(in), fuzz_u16(in),
                                      fuzz_u16(in), fuzz_u16(in), fuzz_u16(in)};
    driver_add_out(d, in, c, &header, fuzz_rare(in) ? fuzz_u8(in) % 13 : sizeof header);
    driver_add_out(d, in, c, packet,
                   fuzz_rare(in) ? small(in, 60) : (14 + small(in, 1500)) % sizeof packet);
}

static void net_command(struct driver *d, struct fuzz_input *in, struct driver_chain *c)
{
    uint8_t command[2] = {fuzz_u8(in) % 6, fuzz_u8(in) % 6};
    uint8_t tables[] = {1, 0, 0, 0, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0};
    uint64_t value = fuzz_u16(in);
    uint32_t n;

    if (fuzz_rare(in))
        command[0] = fuzz_u8(in);
    driver_add_out(d, in, c, command, fuzz_rare(in) ? 1 : sizeof command);
    if (command[0] == 1 && command[1] == 0) {
        if (fuzz_rare(in)) {
            n = fuzz_number(in);
            memcpy(tables + (fuzz_u8(in) & 1 ? 10 : 0), &n, 4);
        }
        driver_add_out(d, in, c, tables, fuzz_rare(in) ? fuzz_u8(in) % 14 : sizeof tables);
    } else {
        static const uint8_t sizes[] = {1, 6, 0, 0, 2, 8};

        driver_add_out(d, in, c, &value, fuzz_rare(in) ? fuzz_u8(in) % 9 : sizes[command[0] % 6]);
    }
    if (!fuzz_rare(in))
        driver_add_in(d, in, c, 1);
}

static uint16_t net_request(struct driver *d, struct fuzz_input *in, struct driver_chain *c)
{
    uint16_t q = fuzz_u8(in) % 3;

    if (q == 0)
        driver_add_in(d, in, c, fuzz_rare(in) ? small(in, 100) : 1526);
    else if (q == 1)
        net_packet(d, in, c);
    else
        net_command(d, in, c);
    if (fuzz_rare(in))
        driver_add_in(d, in, c, 5);
    return q;
}

static uint16_t echo_request(struct driver *d, struct fuzz_input *in, struct driver_chain *c)
{
    uint8_t bytes[64] = {fuzz_u8(in), fuzz_u8(in)};

    driver_add_out(d, in, c, bytes, fuzz_u8(in) % 65);
    driver_add_in(d, in, c, small(in, 100));
    return fuzz_u8(in) % 2;
}

/* ---- the loop ---- */

/* The other end of one of the device's sockets sends something, or takes what came. */
static void peer_acts(const struct kind *kind, struct fuzz_input *in)
{
    static uint8_t bytes[70000];
    uint32_t most = sizeof bytes - 4;       /* and a frame's length */
    uint32_t size = fuzz_rare(in) ? fuzz_number(in) % most : 14u + fuzz_u16(in) % 1600;
    int peer;

    if (kind->n_peers == 0)
        return;
    peer = peers[fuzz_u8(in) % kind->n_peers];
    while (fuzz_u8(in) < 0xc0 && recv(peer, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
    memset(bytes, 0, 4);
    if (kind->framed && !fuzz_rare(in)) {
        bytes[2] = (uint8_t)(size >> 8);
        bytes[3] = (uint8_t)size;
        size += 4;
    }
    if (fuzz_rare(in))
        size = fuzz_u8(in);     /* perhaps a part of a frame */
    send(peer, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (fuzz_rare(in) && fuzz_rare(in))
        shutdown(peer, SHUT_RDWR);
}

static void touch_register(struct driver *d, struct fuzz_input *in)
{
    uint64_t offset = fuzz_rare(in) ? fuzz_u64(in) : fuzz_u16(in) % 0x140 & ~3u;
    unsigned size = fuzz_rare(in) ? fuzz_u8(in) : 4;

    if (fuzz_u8(in) < 0xa0) {
        virtio_mmio_read(d->mmio, offset, size);
        return;
    }
    d->tainted = true;
    virtio_mmio_write(d->mmio, offset, size, fuzz_rare(in) ? fuzz_u64(in) : fuzz_number(in));
    if (driver_get(d, 0x70) == 0)
        driver_start(d, d->features);
}

/* Most features, most of the time. */
static uint64_t choose_features(struct fuzz_input *in)
{
    uint64_t features = ~0ull & ~(1ull << 29 | 1ull << 34);
    uint8_t how = fuzz_u8(in);

    if (how & 1)
        features &= ~fuzz_u64(in) | 1ull << 32;
    return features | (uint64_t)(how >> 1 & 1) << 29 | (uint64_t)(how >> 2 & 1) << 34;
}

static void restart(struct driver *d, struct fuzz_input *in, const struct kind *kind)
{
    driver_start(d, (choose_features(in) | kind->force) & ~kind->forbid);
}

static void offer(const struct kind *kind, struct driver *d, struct fuzz_input *in)
{
    struct driver_chain chain = {.n = 0};
    uint16_t q = kind->request(d, in, &chain);

    if (q >= virtio_n_queues(d->dev))
        return;
    driver_offer(d, in, q, &chain);
    if (fuzz_u8(in) < 0xc0)
        driver_kick(d, q);
}

static void step(const struct kind *kind, struct driver *d, struct fuzz_input *in)
{
    uint16_t q = (uint16_t)(fuzz_u8(in) % virtio_n_queues(d->dev));

    switch (fuzz_u8(in) % 20) {
    default:
        if (driver_broken(d) && fuzz_u8(in) < 0xc0)
            restart(d, in, kind);
        offer(kind, d, in);
        break;
    case 11:
        driver_kick(d, fuzz_rare(in) ? fuzz_u16(in) : q);
        break;
    case 12:
        fuzz_turns(1 + fuzz_u8(in) % 8);
        break;
    case 13:
        touch_register(d, in);
        break;
    case 14:
        if (fuzz_u8(in) < 0x40)
            restart(d, in, kind);
        break;
    case 15:
        driver_stop_queue(d, q, fuzz_u8(in) & 1);
        if (fuzz_u8(in) < 0xc0)
            driver_start_queue(d, q);
        break;
    case 16:
    case 17:
        peer_acts(kind, in);
        break;
    case 18:
        if (fuzz_rare(in))
            driver_scribble(d, in);
        break;
    case 19:
        driver_reap(d, q);
        break;
    }
}

/* What fuzz_until waits for. */
struct answers {
    struct driver *driver;
    uint32_t queues;
};

static bool all_came_back(void *opaque)
{
    const struct answers *answers = opaque;
    struct driver *d = answers->driver;
    unsigned n = 0;

    for (uint16_t q = 0; q < virtio_n_queues(d->dev); q++) {
        if (!(answers->queues >> q & 1) || !d->queue[q].running)
            continue;
        driver_kick(d, q);
        driver_reap(d, q);
        n += d->queue[q].n_in_flight;
    }
    return n == 0;
}

/* The device on our ends of new sockets, or on the disk. */
static struct virtio_device *make_device(const struct kind *kind)
{
    int theirs[PEERS_MAX] = {-1, -1};
    struct virtio_device *dev;
    char text[160];

    for (unsigned i = 0; i < kind->n_peers; i++) {
        int pair[2];

        if (socketpair(AF_UNIX, kind->peer_type | SOCK_CLOEXEC, 0, pair) < 0)
            fuzz_fail("no socket pair");
        theirs[i] = pair[0];
        peers[i] = pair[1];
    }
    if (kind->device == NULL)
        return echo_device();
    if (strstr(kind->device, "%s"))
        snprintf(text, sizeof text, kind->device, fuzz_disk);
    else
        snprintf(text, sizeof text, kind->device, theirs[0], theirs[1]);
    dev = fuzz_device(text);
    for (unsigned i = 0; i < kind->n_peers; i++)
        close(theirs[i]);       /* the device has a copy */
    return dev;
}

static void run(const void *opaque, struct fuzz_input *in)
{
    static struct driver d;
    const struct kind *kind = opaque;
    struct answers answers = {&d, kind->answers};

    driver_open(&d, make_device(kind));
    restart(&d, in, kind);
    for (unsigned i = 0; i < STEPS_MAX && in->left > 0; i++) {
        if (kind->mostly_registers && fuzz_u8(in) < 0xa0)
            touch_register(&d, in);
        else
            step(kind, &d, in);
    }
    if (!d.tainted)
        fuzz_until(all_came_back, &answers, "requests do not come back");
    driver_close(&d);
    for (unsigned i = 0; i < kind->n_peers; i++)
        close(peers[i]);
}

/* ---- the targets ---- */

#define PACKED (1ull << 34)
#define TARGET(symbol, text, ...)                                                                  \
    static const struct kind symbol##_kind = {__VA_ARGS__};                                        \
    const struct fuzz_target fuzz_##symbol = {text, run, &symbol##_kind}

TARGET(split, "split", .request = echo_request, .answers = 1, .forbid = PACKED);
TARGET(packed, "packed", .request = echo_request, .answers = 1, .force = PACKED);
TARGET(registers, "registers", .device = "blk,disk=%s,queues=2", .request = blk_request,
       .mostly_registers = true);
TARGET(blk, "blk", .device = "blk,disk=%s,queues=2", .request = blk_request, .answers = 3);
TARGET(rng, "rng", .device = "rng,max-bytes=4000,period=1", .request = rng_request,
       .answers = 1);
TARGET(console, "console", .device = "console,port0=fd:%d,port1=channel=fd:%d",
       .peer_type = SOCK_STREAM, .n_peers = 2, .request = console_request);
TARGET(net, "net", .device = "net,fd=%d", .peer_type = SOCK_SEQPACKET, .n_peers = 1,
       .request = net_request, .answers = 4);
TARGET(net_stream, "net-stream", .device = "net,fd=%d", .peer_type = SOCK_STREAM, .n_peers = 1,
       .framed = true, .request = net_request, .answers = 4);
