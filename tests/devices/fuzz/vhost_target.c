/*
 * vhost_target.c - fuzz target of vhost-user: a front end that mostly sends what it should, in any
 * order, with rings that have requests in them. After each input the next front end must be
 * served.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fuzz.h"
#include "vhost_front.h"
#include "vhost_user.h"

enum { STEPS_MAX = 120 };

int vhost_kicks[QUEUES] = { -1, -1 };
int vhost_record = -1;
bool vhost_packed;

static int channel;             /* of the front end */
static uint16_t available[QUEUES];

/* Connects; while there are too many who wait, later. */
static bool is_connected(void *opaque)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof address.sun_path, "%s", (const char *)opaque);
    if (connect(channel, (struct sockaddr *)&address, sizeof address) == 0) {
        return true;
    }
    if (errno != EAGAIN) {
        fuzz_fail("cannot connect: %s", strerror(errno));
    }
    return false;
}

static void connect_to(char *path)
{
    channel = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    fuzz_until(is_connected, path, "too many front ends wait");
    fuzz_turns(2);
}

static void disconnect(void)
{
    vhost_close_fd(&channel);
    vhost_close_fd(&vhost_record);
    for (unsigned q = 0; q < QUEUES; q++) {
        vhost_close_fd(&vhost_kicks[q]);
        available[q] = 0;
    }
}

/* Takes replies; a descriptor that comes with one is the record. How many bytes came. */
static ssize_t take_replies(void)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    char bytes[4096];
    struct iovec piece = { bytes, sizeof bytes };
    struct msghdr msg = { .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes,
                          .msg_controllen = sizeof control.bytes };
    ssize_t n = recvmsg(channel, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    for (struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL; c; c = CMSG_NXTHDR(&msg, c)) {
        if (c->cmsg_type == SCM_RIGHTS) {
            vhost_close_fd(&vhost_record);
            memcpy(&vhost_record, CMSG_DATA(c), sizeof vhost_record);
        }
    }
    return n;
}

static void transmit(struct vhost_front_message *m)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * FDS_MAX)];
    } control;
    uint32_t header[3] = { m->request, m->flags, m->size };
    size_t size = m->size < sizeof m->payload ? m->size : sizeof m->payload;
    struct iovec pieces[] = { { header, sizeof header }, { m->payload, size } };
    struct msghdr msg = { .msg_iov = pieces, .msg_iovlen = 2 };

    if (m->n_fds) {
        memset(&control, 0, sizeof control);
        msg.msg_control = control.bytes;
        msg.msg_controllen = CMSG_SPACE(sizeof(int) * m->n_fds);
        CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
        CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
        CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(sizeof(int) * m->n_fds);
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), m->fds, sizeof(int) * m->n_fds);
    }
    sendmsg(channel, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
    for (unsigned i = 0; i < m->n_fds; i++) {
        close(m->fds[i]);
    }
}

static void say(struct fuzz_input *in, uint32_t request, uint32_t q)
{
    struct vhost_front_message m = { .request = request, .flags = fuzz_u8(in) & 3 ? 9 : 1 };

    vhost_fill(&m, in, q);
    if (fuzz_rare(in)) {
        vhost_spoil(&m, in);
    }
    transmit(&m);
    fuzz_turns(2);
    if (fuzz_u8(in) < 0xf0) {
        take_replies();
    }
}

/* ---- what the front end does ---- */

static void set_up_ring(struct fuzz_input *in, uint32_t q)
{
    static const uint8_t order[] = {
        SET_VRING_NUM, SET_VRING_BASE, SET_VRING_ADDR, SET_VRING_CALL, SET_VRING_KICK,
        SET_VRING_ENABLE,
    };

    memset(fuzz_ram + 0x1000 * q, 0, 0x1000);
    available[q] = 0;
    for (unsigned i = 0; i < sizeof order; i++) {
        say(in, order[i], q);
    }
}

static void set_up(struct fuzz_input *in)
{
    say(in, SET_PROTOCOL_FEATURES, 0);
    say(in, SET_FEATURES, 0);
    say(in, SET_MEM_TABLE, 0);
    set_up_ring(in, 0);
}

/* A request to read or write some sectors, in the ring of queue q. */
static void request(struct fuzz_input *in, uint32_t q)
{
    uint8_t *ring = fuzz_ram + 0x1000 * q, *header = fuzz_ram + RINGS_END + 0x1000 * q;
    unsigned slot = available[q] % (RING / 4), type = fuzz_u8(in) % 2;
    uint64_t gpa = RINGS_END + 0x1000 * q;
    uint64_t desc[8] = {
        gpa, 16 | 1ull << 32 | (uint64_t)(4 * slot + 1) << 48,
        gpa + 64, 512ull * (1 + fuzz_u8(in) % 4) | (type ? 1ull : 3ull) << 32 |
            (uint64_t)(4 * slot + 2) << 48,
        gpa + 32, 1 | 2ull << 32,
    };
    uint16_t head = (uint16_t)(4 * slot);

    if (vhost_packed) {
        for (unsigned i = 1; i < 6; i += 2) {
            uint64_t flags = (desc[i] >> 32 & 3) | 0x80;

            desc[i] = (uint32_t)desc[i] | (uint64_t)head << 32 | flags << 48;
        }
    }
    memcpy(header, &(uint64_t[2]){ type, fuzz_u16(in) % DISK_SECTORS }, 16);
    memcpy(ring + 64 * slot, desc, 48);
    if (fuzz_rare(in)) {
        ring[64 * slot + fuzz_u8(in) % 48] = fuzz_u8(in);
    }
    memcpy(ring + 0x404 + 2 * (available[q] % RING), &head, 2);
    available[q]++;
    memcpy(ring + 0x402, &available[q], 2);
}

static void kick(uint32_t q)
{
    uint64_t one = 1;

    if (vhost_kicks[q] >= 0 && write(vhost_kicks[q], &one, sizeof one) < 0) {
        return;                 /* it is kicked already */
    }
}

static void step(struct fuzz_input *in, char *path)
{
    uint32_t q = fuzz_u8(in) % QUEUES;

    switch (fuzz_u8(in) % 12) {
    default:
        say(in, fuzz_u8(in) % 39, q);
        break;
    case 5:
        set_up(in);
        break;
    case 6:
        set_up_ring(in, q);
        break;
    case 7:
    case 8:
        request(in, q);
        kick(q);
        break;
    case 9:
        fuzz_turns(1 + fuzz_u8(in) % 8);
        break;
    case 10:
        if (fuzz_rare(in)) {
            disconnect();
            connect_to(path);
        }
        break;
    case 11:
        if (fuzz_rare(in)) {
            send(channel, in->at, in->left < 20 ? in->left : 20, MSG_DONTWAIT | MSG_NOSIGNAL);
        }
        break;
    }
}

static bool is_answered(void *opaque)
{
    (void)opaque;
    return take_replies() > 0;
}

static void run(const void *opaque, struct fuzz_input *in)
{
    static char path[64];
    struct virtio_error error = { "" };
    char disk[100];
    struct virtio_device *dev;
    struct vhost_user *vu;

    (void)opaque;
    snprintf(path, sizeof path, "/tmp/fuzz-%d.sock", getpid());
    snprintf(disk, sizeof disk, "blk,disk=%s,queues=%d", fuzz_disk, QUEUES);
    dev = fuzz_device(disk);
    vhost_packed = fuzz_u8(in) & 1;
    if (vhost_packed) {
        virtio_offer_packed(dev);
    }
    vu = vhost_user_new(dev, path, &error);
    if (!vu) {
        fuzz_fail("%s", error.text);
    }
    channel = vhost_record = vhost_kicks[0] = vhost_kicks[1] = -1;
    connect_to(path);
    for (unsigned i = 0; i < STEPS_MAX && in->left > 0; i++) {
        step(in, path);
    }
    disconnect();
    connect_to(path);
    transmit(&(struct vhost_front_message){ .request = GET_FEATURES, .flags = 1 });
    fuzz_until(is_answered, NULL, "the next front end is not served");
    disconnect();
    vhost_user_free(vu);
    virtio_device_free(dev);
}

const struct fuzz_target fuzz_vhost = {"vhost", run, NULL};
