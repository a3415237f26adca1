/*
 * net_link.h - the host's end of a guest's network cable: a tap interface, passt, or a socket.
 *
 * | kind   | where packets go                                                   | offloads, pairs  |
 * |--------|--------------------------------------------------------------------|------------------|
 * | tap    | /dev/net/tun, with the virtio header in front                      | as the kernel has |
 * | passt  | a child process that translates to sockets of the user's, no root  | none, 1          |
 * | socket | a Unix stream socket: each packet after its length, 4 bytes, big-endian (what passt and |
 * |        | QEMU's -netdev stream speak)                                       | none, 1          |
 * | fd     | an inherited socket: stream as above, or a packet each datagram    | none, 1          |
 *
 * Nothing here suspends: what cannot be done now is -EAGAIN, and the caller waits for the descriptor.
 * What comes from the other end of a socket is checked as far as it is looked at, which is lengths.
 *
 * Threads: the loop thread.
 */
#ifndef CPC_NET_LINK_H
#define CPC_NET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "virtio.h"

#define NET_PACKET_MIN 14                   /* an Ethernet header */
#define NET_PACKET_MAX (65535 + 14 + 4)     /* the longest IP packet, Ethernet and VLAN headers */

/* The header before every packet; virtio 1.2, 5.1.6: little-endian, 12 bytes. */
struct net_header {
    uint8_t flags, gso_type;
    uint16_t hdr_len, gso_size, csum_start, csum_offset, num_buffers;
};

struct net_link_options {
    const char *tap, *passt, *socket, *fd;      /* one of them is not NULL */
    const char *tcp_ports, *udp_ports;          /* what passt forwards, in its own words; or NULL */
};

struct net_link;

/* 0, or -errno with the error's text. */
int net_link_open(struct net_link **link, uint16_t pairs, const struct net_link_options *options,
                  struct virtio_error *error);
/* Ends passt too. */
void net_link_close(struct net_link *link);

/* "tap cpc0": what messages call it. */
const char *net_link_name(const struct net_link *link);

/* What TUNSETOFFLOAD takes (TUN_F_CSUM ...): 0 without a tap. */
unsigned net_link_offloads(const struct net_link *link);

/* Which of these packets to the guest may use. Nothing without a tap. */
void net_link_set_offloads(struct net_link *link, unsigned offloads);

/* Whether the pair takes part in traffic. The first does from the beginning. */
void net_link_attach(struct net_link *link, uint16_t pair, bool attached);

/* What to poll for the pair. */
int net_link_fd(const struct net_link *link, uint16_t pair);

/*
 * The next packet for the guest: its size, NET_PACKET_MIN to NET_PACKET_MAX, with *packet valid until
 * the next call for the pair. -EAGAIN: none is there. 0 or -errno: the cable is cut.
 */
ssize_t net_link_receive(struct net_link *link, uint16_t pair, struct net_header *header,
                         const void **packet);

/*
 * Sends a packet. 0; -EAGAIN: not taken, wait until the descriptor is writable; other -errno: lost.
 */
int net_link_send(struct net_link *link, uint16_t pair, const struct net_header *header,
                  const void *packet, size_t size);

/* Sends on what a stream took only a part of. 0: nothing is left; -EAGAIN: wait as above. */
int net_link_flush(struct net_link *link);

#endif
