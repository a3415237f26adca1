/*
 * vhost_messages.c - see vhost_front.h.
 */
#include "vhost_front.h"

#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FEATURES (1ull << 32 | 1ull << 30 | 1ull << 28 | 1ull << 9)

void vhost_close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void add_fd(struct vhost_front_message *m, int fd)
{
    if (fd >= 0 && m->n_fds < FDS_MAX) {
        m->fds[m->n_fds++] = fd;
    }
}

/* The right descriptor, or rarely one that is something else. */
static int choose_fd(struct fuzz_input *in, int right)
{
    int fd = -1;

    if (!fuzz_rare(in)) {
        return right;
    }
    vhost_close_fd(&right);
    switch (fuzz_u8(in) % 4) {
    case 0:
        return open("/dev/null", O_RDWR | O_CLOEXEC);
    case 1:
        return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    case 2:
        fd = memfd_create("short", MFD_CLOEXEC);
        return ftruncate(fd, 100) ? -1 : fd;
    default:
        return open("/", O_RDONLY | O_CLOEXEC);
    }
}

static int copy(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static void put32(struct vhost_front_message *m, unsigned at, uint32_t value)
{
    memcpy((char *)m->payload + at, &value, sizeof value);
    m->size = at + 4 > m->size ? at + 4 : m->size;
}

static void put64(struct vhost_front_message *m, unsigned at, uint64_t value)
{
    memcpy((char *)m->payload + at, &value, sizeof value);
    m->size = at + 8 > m->size ? at + 8 : m->size;
}

static void put_region(struct vhost_front_message *m, unsigned at, unsigned part)
{
    static const uint64_t regions[][3] = {
        { 0, RAM_LOW, 0 }, { RAM_LOW, RAM_MORE, RAM_LOW },
        { RAM_HIGH_GPA, RAM_HIGH, RAM_LOW + RAM_MORE },
    };

    put64(m, at, regions[part][0]);
    put64(m, at + 8, regions[part][1]);
    put64(m, at + 16, UVA + regions[part][0]);
    put64(m, at + 24, regions[part][2]);
}

static void memory_table(struct vhost_front_message *m, unsigned n)
{
    put32(m, 0, n);
    put32(m, 4, 0);
    for (unsigned i = 0; i < n; i++) {
        put_region(m, 8 + 32 * i, i);
        add_fd(m, copy(fuzz_ram_fd));
    }
}

static void ring_descriptor(struct vhost_front_message *m, struct fuzz_input *in, uint32_t q)
{
    put64(m, 0, q);
    if (m->request == SET_VRING_KICK && q < QUEUES) {
        vhost_close_fd(&vhost_kicks[q]);
        vhost_kicks[q] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        add_fd(m, choose_fd(in, copy(vhost_kicks[q])));
    } else {
        add_fd(m, choose_fd(in, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)));
    }
}

static void inflight_layout(struct vhost_front_message *m, struct fuzz_input *in)
{
    put64(m, 0, fuzz_rare(in) ? fuzz_u64(in) : 4096);
    put64(m, 8, fuzz_rare(in) ? fuzz_u64(in) : 0);
    put32(m, 16, QUEUES | RING << 16);
    if (m->request == SET_INFLIGHT_FD) {
        add_fd(m, choose_fd(in, vhost_record >= 0 ? copy(vhost_record) : copy(fuzz_ram_fd)));
    }
}

/* What is right for the request, of queue q. */
void vhost_fill(struct vhost_front_message *m, struct fuzz_input *in, uint32_t q)
{
    uint64_t at = UVA + 0x1000ull * q;

    switch (m->request) {
    case SET_FEATURES:
        put64(m, 0, FEATURES | (uint64_t)vhost_packed << 34);
        break;
    case SET_PROTOCOL_FEATURES:
        put64(m, 0, 0xb209 | 1u << 5);
        break;
    case SET_MEM_TABLE:
        memory_table(m, 1 + fuzz_u8(in) % 3);
        break;
    case ADD_MEM_REG:
    case REM_MEM_REG:
        put64(m, 0, 0);
        put_region(m, 8, fuzz_u8(in) % 3);
        if (m->request == ADD_MEM_REG) {
            add_fd(m, choose_fd(in, copy(fuzz_ram_fd)));
        }
        break;
    case SET_VRING_ADDR:
        put64(m, 0, q);
        put64(m, 8, at);
        put64(m, 16, at + 0x800);
        put64(m, 24, at + 0x400);
        put64(m, 32, 0);
        break;
    case SET_VRING_NUM:
    case SET_VRING_BASE:
    case GET_VRING_BASE:
    case SET_VRING_ENABLE:
        put32(m, 0, q);
        put32(m, 4, m->request == SET_VRING_NUM    ? RING
                    : m->request == SET_VRING_BASE ? (vhost_packed ? 0x80008000 : 0)
                                                   : fuzz_u8(in) % 4 != 3);
        break;
    case SET_VRING_KICK:
    case SET_VRING_CALL:
    case SET_VRING_ERR:
        ring_descriptor(m, in, q);
        break;
    case SET_BACKEND_REQ_FD:
        add_fd(m, choose_fd(in, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
        break;
    case GET_CONFIG:
    case SET_CONFIG:
        put32(m, 0, m->request == SET_CONFIG ? 32 : 0);
        put32(m, 4, m->request == SET_CONFIG ? 1 : 60);
        m->size = 12 + (m->request == SET_CONFIG ? 1 : 60);
        break;
    case GET_INFLIGHT_FD:
    case SET_INFLIGHT_FD:
        inflight_layout(m, in);
        break;
    default:
        break;
    }
}

void vhost_spoil(struct vhost_front_message *m, struct fuzz_input *in)
{
    switch (fuzz_u8(in) % 6) {
    case 0:
        m->request = fuzz_number(in);
        break;
    case 1:
        m->flags = fuzz_u32(in);
        break;
    case 2:
        m->size = fuzz_number(in);
        break;
    case 3:
        add_fd(m, copy(fuzz_ram_fd));
        break;
    case 4:
        m->payload[fuzz_u8(in) % 6] = fuzz_u8(in) & 1 ? fuzz_address(in) : fuzz_u64(in);
        break;
    default:
        ((uint32_t *)m->payload)[fuzz_u8(in) % 12] = fuzz_number(in);
        break;
    }
}
