/*
 * vhost-user-blk client: see vublk_client.h.
 *
 * Shared memory, per ring: descriptor table, available ring, used ring (a page each at least), then
 * the slots, two pages each: indirect table, header and status in the first, data in the second.
 */
#include "vublk_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define GPA         0x100000ull         /* guest address of the memory */
#define RING_BYTES  (4 * 4096)          /* table, available ring, used ring */
#define SLOT_BYTES  (2 * 4096)

#define F_INDIRECT  (1ull << 28)
#define F_EVENT_IDX (1ull << 29)
#define F_PROTOCOL  (1ull << 30)
#define F_VERSION_1 (1ull << 32)
#define F_BLK_FLUSH (1ull << 9)
#define F_BLK_MQ    (1ull << 12)

#define P_MQ        (1ull << 0)
#define P_REPLY_ACK (1ull << 3)
#define P_CONFIG    (1ull << 9)
#define P_INFLIGHT  (1ull << 12)

struct desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags, next;
};

struct slot {
    struct desc table[3];
    struct {
        uint32_t type, reserved;
        uint64_t sector;
    } header;
    uint8_t status;
};

/* With the padding that QEMU and libvhost-user have. */
struct inflight {
    uint64_t size, offset;
    uint16_t queues, num;
};

static void die(const char *what)
{
    fprintf(stderr, "vublk_load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static struct slot *slot_of(struct client *c, unsigned q, unsigned slot)
{
    return (struct slot *)(void *)(c->memory + c->rings[q].slots_at + slot * SLOT_BYTES);
}

void *client_data(struct client *c, unsigned q, unsigned slot)
{
    return (char *)slot_of(c, q, slot) + 4096;
}

static uint64_t gpa_of(struct client *c, const void *p)
{
    return GPA + (uint64_t)((const char *)p - c->memory);
}

void client_init(struct client *c, const char *path, unsigned queues, unsigned depth, bool poll)
{
    size_t per_queue = RING_BYTES + (size_t)depth * SLOT_BYTES;

    memset(c, 0, sizeof *c);
    c->path = path;
    c->queues = queues;
    c->depth = depth;
    c->poll = poll;
    c->socket = c->inflight_fd = -1;
    c->size = queues * per_queue;
    c->memory_fd = memfd_create("vublk", MFD_CLOEXEC);
    if (c->memory_fd < 0 || ftruncate(c->memory_fd, (off_t)c->size)) {
        die("cannot make shared memory");
    }
    c->memory = mmap(NULL, c->size, PROT_READ | PROT_WRITE, MAP_SHARED, c->memory_fd, 0);
    if (c->memory == MAP_FAILED) {
        die("cannot map shared memory");
    }
    for (unsigned q = 0; q < queues; q++) {
        struct ring *ring = &c->rings[q];
        char *at = c->memory + q * per_queue;

        ring->desc = at;
        ring->avail = (volatile uint16_t *)(void *)(at + 4096);
        ring->used = (volatile uint16_t *)(void *)(at + 8192);
        ring->slots_at = q * per_queue + RING_BYTES;
        ring->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        ring->call_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (ring->kick_fd < 0 || ring->call_fd < 0) {
            die("cannot make an eventfd");
        }
    }
}

/* ---- messages ----------------------------------------------------------- */

static int send_message(struct client *c, uint32_t request, const void *data, uint32_t size, int fd)
{
    uint32_t header[3] = { request, 1, size };
    struct iovec pieces[2] = { { header, sizeof header }, { (void *)(uintptr_t)data, size } };
    char control[CMSG_SPACE(sizeof fd)] __attribute__((aligned(8))) = { 0 };
    struct msghdr msg = { .msg_iov = pieces, .msg_iovlen = 2 };

    if (fd >= 0) {
        struct cmsghdr *cmsg = (struct cmsghdr *)(void *)control;

        msg.msg_control = control;
        msg.msg_controllen = sizeof control;
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_RIGHTS;
        cmsg->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(cmsg), &fd, sizeof fd);
    }
    return sendmsg(c->socket, &msg, MSG_NOSIGNAL) == (ssize_t)(sizeof header + size) ? 0 : -1;
}

/* Receives the reply to request: exactly size bytes, and a descriptor into *fd unless it is NULL. */
static int receive_reply(struct client *c, uint32_t request, void *data, uint32_t size, int *fd)
{
    uint32_t header[3];
    struct iovec pieces[2] = { { header, sizeof header }, { data, size } };
    char control[CMSG_SPACE(sizeof *fd)] __attribute__((aligned(8)));
    struct msghdr msg = { .msg_iov = pieces, .msg_iovlen = 2, .msg_control = control,
                          .msg_controllen = sizeof control };
    ssize_t got = recvmsg(c->socket, &msg, MSG_WAITALL | MSG_CMSG_CLOEXEC);
    struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

    if (fd) {
        *fd = -1;
        if (got > 0 && cmsg && cmsg->cmsg_type == SCM_RIGHTS) {
            memcpy(fd, CMSG_DATA(cmsg), sizeof *fd);
        }
    }
    return got == (ssize_t)(sizeof header + size) && header[0] == request ? 0 : -1;
}

static int ask(struct client *c, uint32_t request, uint64_t *value)
{
    return send_message(c, request, NULL, 0, -1) ||
           receive_reply(c, request, value, sizeof *value, NULL);
}

static int tell(struct client *c, uint32_t request, uint64_t value, int fd)
{
    return send_message(c, request, &value, sizeof value, fd);
}

static int negotiate(struct client *c, uint64_t *protocol)
{
    uint64_t offered, want = F_INDIRECT | F_EVENT_IDX | F_PROTOCOL | F_VERSION_1 | F_BLK_FLUSH |
                             F_BLK_MQ;

    if (tell(c, 3, 0, -1) || ask(c, 1, &offered) || ask(c, 15, protocol)) {
        return -1;
    }
    if ((offered & (F_INDIRECT | F_PROTOCOL | F_VERSION_1)) !=
        (F_INDIRECT | F_PROTOCOL | F_VERSION_1)) {
        fprintf(stderr, "vublk_load: the back end lacks indirect descriptors or VERSION_1\n");
        errno = ENOTSUP;
        return -1;
    }
    *protocol &= P_MQ | P_REPLY_ACK | P_CONFIG | P_INFLIGHT;
    c->event_idx = offered & F_EVENT_IDX;
    return tell(c, 16, *protocol, -1) || tell(c, 2, offered & want, -1);
}

static int read_capacity(struct client *c)
{
    struct {
        uint32_t offset, size, flags;
        uint8_t config[60];
    } message = { .size = 60 };
    uint64_t sectors;

    if (send_message(c, 24, &message, sizeof message, -1) ||
        receive_reply(c, 24, &message, sizeof message, NULL)) {
        return -1;
    }
    memcpy(&sectors, message.config, sizeof sectors);
    c->capacity = sectors * 512;
    return 0;
}

static int share_memory(struct client *c)
{
    struct {
        uint32_t n, padding;
        uint64_t gpa, size, uva, offset;
    } table = { 1, 0, GPA, c->size, (uint64_t)(uintptr_t)c->memory, 0 };

    return send_message(c, 5, &table, sizeof table, c->memory_fd);
}

static int share_inflight(struct client *c)
{
    struct inflight want = { 0, 0, (uint16_t)c->queues, RING };

    if (c->inflight_fd < 0) {
        if (send_message(c, 31, &want, sizeof want, -1) ||
            receive_reply(c, 31, &want, sizeof want, &c->inflight_fd) || c->inflight_fd < 0) {
            return -1;
        }
        c->inflight_size = want.size;
        c->inflight_offset = want.offset;
    }
    want = (struct inflight){ c->inflight_size, c->inflight_offset, (uint16_t)c->queues, RING };
    return send_message(c, 32, &want, sizeof want, c->inflight_fd);
}

static int set_up_ring(struct client *c, unsigned q)
{
    struct ring *ring = &c->rings[q];
    uint32_t num[2] = { q, RING }, base[2] = { q, ring->used[1] }, enable[2] = { q, 1 };
    struct {
        uint32_t index, flags;
        uint64_t desc, used, avail, log;
    } address = { q, 0, (uint64_t)(uintptr_t)ring->desc, (uint64_t)(uintptr_t)ring->used,
                  (uint64_t)(uintptr_t)ring->avail, 0 };

    return send_message(c, 8, num, sizeof num, -1) || send_message(c, 10, base, sizeof base, -1) ||
           send_message(c, 9, &address, sizeof address, -1) || tell(c, 13, q, ring->call_fd) ||
           tell(c, 12, q, ring->kick_fd) || send_message(c, 18, enable, sizeof enable, -1);
}

static int set_up(struct client *c)
{
    uint64_t protocol, queues;

    if (negotiate(c, &protocol) || ask(c, 17, &queues)) {
        return -1;
    }
    if (queues < c->queues) {
        fprintf(stderr, "vublk_load: the back end has %llu queues, not %u\n",
                (unsigned long long)queues, c->queues);
        errno = ENOTSUP;
        return -1;
    }
    if (read_capacity(c) || share_memory(c) || (protocol & P_INFLIGHT && share_inflight(c))) {
        return -1;
    }
    for (unsigned q = 0; q < c->queues; q++) {
        if (set_up_ring(c, q)) {
            return -1;
        }
    }
    return 0;
}

int client_connect(struct client *c, double seconds)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timespec pause = { 0, 5000000 };

    if (strlen(c->path) >= sizeof address.sun_path) {
        fprintf(stderr, "vublk_load: path of the socket too long\n");
        return -1;
    }
    strcpy(address.sun_path, c->path);
    for (; seconds > 0; seconds -= 0.005) {
        if (c->socket >= 0) {
            close(c->socket);
        }
        c->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (c->socket < 0) {
            die("cannot make a socket");
        }
        errno = 0;
        if (connect(c->socket, (struct sockaddr *)&address, sizeof address) == 0 &&
            set_up(c) == 0) {
            return 0;
        }
        if (errno == ENOTSUP) {
            break;              /* it will not change; everything else may: a dying back end */
        }
        nanosleep(&pause, NULL);
    }
    fprintf(stderr, "vublk_load: cannot use '%s': %s\n", c->path, strerror(errno));
    return -1;
}

int client_disconnect(struct client *c)
{
    int r = 0;

    for (unsigned q = 0; q < c->queues; q++) {
        uint32_t state[2] = { q, 0 };

        if (send_message(c, 11, state, sizeof state, -1) ||
            receive_reply(c, 11, state, sizeof state, NULL) ||
            (uint16_t)state[1] != c->rings[q].avail_idx) {
            fprintf(stderr, "vublk_load: queue %u stopped at %u, not at %u\n", q, state[1],
                    c->rings[q].avail_idx);
            r = -1;
        }
    }
    close(c->socket);
    c->socket = -1;
    return r;
}

/* ---- rings ----------------------------------------------------------- */

void client_submit(struct client *c, unsigned q, unsigned slot, uint32_t type, uint64_t sector)
{
    struct ring *ring = &c->rings[q];
    struct slot *s = slot_of(c, q, slot);
    struct desc *head = (struct desc *)ring->desc + slot;
    bool data = type != BLK_FLUSH;

    s->header.type = type;
    s->header.reserved = 0;
    s->header.sector = sector;
    s->status = 0xff;
    s->table[0] = (struct desc){ gpa_of(c, &s->header), sizeof s->header, 1, 1 };
    if (data) {
        s->table[1] = (struct desc){ gpa_of(c, client_data(c, q, slot)), BLOCK,
                                     (uint16_t)(1 | (type == BLK_IN ? 2 : 0)), 2 };
    }
    s->table[1 + data] = (struct desc){ gpa_of(c, &s->status), 1, 2, 0 };
    *head = (struct desc){ gpa_of(c, s->table), (uint32_t)((2 + data) * sizeof *head), 4, 0 };
    ring->avail[2 + ring->avail_idx % RING] = (uint16_t)slot;
    ring->avail_idx++;
    __atomic_store_n(&ring->avail[1], ring->avail_idx, __ATOMIC_RELEASE);
}

void client_kick(struct client *c, unsigned q)
{
    struct ring *ring = &c->rings[q];
    uint64_t one = 1;

    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (c->event_idx) {
        uint16_t event = ring->used[2 + 4 * RING], old = ring->kick_idx;

        ring->kick_idx = ring->avail_idx;
        if ((uint16_t)(ring->avail_idx - event - 1) >= (uint16_t)(ring->avail_idx - old)) {
            return;
        }
    } else if (ring->used[0] & 1) {
        return;
    }
    if (write(ring->kick_fd, &one, sizeof one) < 0 && errno != EAGAIN) {
        die("cannot kick");
    }
}

int client_finished(struct client *c, unsigned q, uint8_t *status)
{
    struct ring *ring = &c->rings[q];
    volatile uint32_t *element;
    uint32_t slot;

    if (__atomic_load_n(&ring->used[1], __ATOMIC_ACQUIRE) == ring->used_seen) {
        return -1;
    }
    element = (volatile uint32_t *)(volatile void *)ring->used + 1 + 2 * (ring->used_seen % RING);
    slot = element[0];
    ring->used_seen++;
    if (slot >= c->depth) {
        return -2;
    }
    *status = slot_of(c, q, slot)->status;
    return (int)slot;
}

bool client_alive(struct client *c)
{
    struct pollfd p = { .fd = c->socket, .events = POLLIN };

    return poll(&p, 1, 0) <= 0 || !(p.revents & (POLLIN | POLLHUP | POLLERR));
}

bool client_wait(struct client *c, int milliseconds)
{
    struct pollfd fds[MAX_QUEUES + 1];
    uint64_t count;

    for (unsigned q = 0; q < c->queues; q++) {
        struct ring *ring = &c->rings[q];

        fds[q] = (struct pollfd){ .fd = ring->call_fd, .events = POLLIN };
        if (c->event_idx) {
            ring->avail[2 + RING] = ring->used_seen;
        }
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (ring->used[1] != ring->used_seen) {
            milliseconds = 0;
        }
    }
    fds[c->queues] = (struct pollfd){ .fd = c->socket, .events = POLLIN };
    if (poll(fds, c->queues + 1, milliseconds) < 0) {
        return true;
    }
    for (unsigned q = 0; q < c->queues; q++) {
        if (fds[q].revents & POLLIN && read(c->rings[q].call_fd, &count, sizeof count) < 0) {
            continue;
        }
    }
    return !(fds[c->queues].revents & (POLLIN | POLLHUP | POLLERR));
}
