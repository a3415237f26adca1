/*
 * net_link.c - see net_link.h. Opening them, passt as a child, is in net_open.c.
 */
#include "net_link.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "net_link_impl.h"

const char *net_link_name(const struct net_link *link)
{
    return link->name;
}

unsigned net_link_offloads(const struct net_link *link)
{
    return link->offloads;
}

void net_link_set_offloads(struct net_link *link, unsigned offloads)
{
    if (link->offloads) {
        ioctl(link->pairs[0].fd, TUNSETOFFLOAD, (unsigned long)(offloads & link->offloads));
    }
}

void net_link_attach(struct net_link *link, uint16_t pair, bool attached)
{
    struct net_pair *p = &link->pairs[pair];

    if (link->kind == NET_TAP && link->n_pairs > 1 && p->attached != attached) {
        struct ifreq request = { .ifr_flags = attached ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE };

        p->attached = ioctl(p->fd, TUNSETQUEUE, &request) == 0 ? attached : !attached;
    }
}

int net_link_fd(const struct net_link *link, uint16_t pair)
{
    return link->pairs[pair].fd;
}

/* ---- to the guest ----------------------------------------------------------- */

/* The packet that lies in the pair's buffer behind `head` bytes. */
static ssize_t one_packet(struct net_pair *p, ssize_t n, size_t head, const void **packet)
{
    if (n < 0) {
        return -errno;
    }
    if ((size_t)n < head + NET_PACKET_MIN) {
        return -EAGAIN;         /* too short to be one: it is as if it had not come */
    }
    *packet = p->buffer + head;
    return n - (ssize_t)head;
}

/*
 * The next packet of a stream's buffer, from `start` on. 0: it is not there yet. -EPROTO: a length
 * that cannot be.
 */
static ssize_t buffered_packet(struct net_pair *p, const void **packet)
{
    const uint8_t *at = p->buffer + p->start;
    size_t size;

    if (p->end - p->start < NET_LENGTH_BYTES) {
        return 0;
    }
    size = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    if (size < NET_PACKET_MIN || size > NET_PACKET_MAX) {
        return -EPROTO;
    }
    if (p->end - p->start - NET_LENGTH_BYTES < size) {
        return 0;
    }
    *packet = at + NET_LENGTH_BYTES;
    p->start += NET_LENGTH_BYTES + size;
    return (ssize_t)size;
}

static ssize_t receive_stream(struct net_pair *p, const void **packet)
{
    ssize_t n = buffered_packet(p, packet);

    if (n) {
        return n;
    }
    memmove(p->buffer, p->buffer + p->start, p->end - p->start);
    p->end -= p->start;
    p->start = 0;
    n = recv(p->fd, p->buffer + p->end, NET_BUFFER - p->end, 0);
    if (n <= 0) {
        return n ? -errno : 0;
    }
    p->end += (size_t)n;
    n = buffered_packet(p, packet);
    return n ? n : -EAGAIN;
}

ssize_t net_link_receive(struct net_link *link, uint16_t pair, struct net_header *header,
                         const void **packet)
{
    struct net_pair *p = &link->pairs[pair];
    ssize_t n;

    memset(header, 0, sizeof *header);
    switch (link->kind) {
    case NET_TAP:
        n = one_packet(p, read(p->fd, p->buffer, NET_BUFFER), sizeof *header, packet);
        memcpy(header, p->buffer, sizeof *header);
        break;
    case NET_DATAGRAM:
        n = one_packet(p, recv(p->fd, p->buffer, NET_PACKET_MAX, 0), 0, packet);
        break;
    default:
        n = receive_stream(p, packet);
    }
    return n == -EINTR ? -EAGAIN : n;
}

/* ---- from the guest ----------------------------------------------------------- */

int net_link_flush(struct net_link *link)
{
    while (link->unsent_start < link->unsent_end) {
        ssize_t n = send(link->pairs[0].fd, link->unsent + link->unsent_start,
                         link->unsent_end - link->unsent_start, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        link->unsent_start += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* Keeps what the socket did not take, from byte `done` on of length and packet. */
static void keep_unsent(struct net_link *link, const struct iovec *parts, size_t done)
{
    link->unsent_start = link->unsent_end = 0;
    for (unsigned i = 0; i < 2; i++) {
        size_t skip = done < parts[i].iov_len ? done : parts[i].iov_len;

        memcpy(link->unsent + link->unsent_end, (const char *)parts[i].iov_base + skip,
               parts[i].iov_len - skip);
        link->unsent_end += parts[i].iov_len - skip;
        done -= skip;
    }
}

static int send_stream(struct net_link *link, const void *packet, size_t size)
{
    uint8_t length[NET_LENGTH_BYTES] = {
        (uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size
    };
    struct iovec parts[] = { { length, sizeof length }, { (void *)(uintptr_t)packet, size } };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
    int r = net_link_flush(link);
    ssize_t n;

    if (r) {
        return r;
    }
    n = sendmsg(link->pairs[0].fd, &message, MSG_NOSIGNAL);
    if (n < 0) {
        return -errno;
    }
    keep_unsent(link, parts, (size_t)n);
    return 0;
}

int net_link_send(struct net_link *link, uint16_t pair, const struct net_header *header,
                  const void *packet, size_t size)
{
    struct iovec parts[] = {
        { (void *)(uintptr_t)header, sizeof *header }, { (void *)(uintptr_t)packet, size }
    };
    int r;

    switch (link->kind) {
    case NET_TAP:
        r = writev(link->pairs[pair].fd, parts, 2) < 0 ? -errno : 0;
        break;
    case NET_DATAGRAM:
        r = send(link->pairs[0].fd, packet, size, MSG_NOSIGNAL) < 0 ? -errno : 0;
        break;
    default:
        r = send_stream(link, packet, size);
    }
    return r == -EINTR ? -EAGAIN : r;
}
