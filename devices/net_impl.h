/*
 * What net.c (the class, features, configuration), net_traffic.c (packets) and net_control.c (the control
 * queue) share. Nobody else includes this.
 */
#ifndef NET_IMPL_H
#define NET_IMPL_H

#include "log.h"
#include "net_link.h"
#include "virtio.h"

enum net_feature {
    NET_F_CSUM = 0,
    NET_F_GUEST_CSUM = 1,
    NET_F_CTRL_GUEST_OFFLOADS = 2,
    NET_F_MTU = 3,
    NET_F_MAC = 5,
    NET_F_GUEST_TSO4 = 7,
    NET_F_GUEST_TSO6 = 8,
    NET_F_GUEST_ECN = 9,
    NET_F_GUEST_UFO = 10,
    NET_F_HOST_TSO4 = 11,
    NET_F_HOST_TSO6 = 12,
    NET_F_HOST_ECN = 13,
    NET_F_HOST_UFO = 14,
    NET_F_MRG_RXBUF = 15,
    NET_F_STATUS = 16,
    NET_F_CTRL_VQ = 17,
    NET_F_CTRL_RX = 18,
    NET_F_GUEST_ANNOUNCE = 21,
    NET_F_MQ = 22,
    NET_F_CTRL_MAC_ADDR = 23,
};

enum net_answer { NET_OK, NET_ERR };

#define NET_PAIRS_MAX        16
#define NET_MAC_BYTES        6

struct net {
    /* Constant after realize. */
    struct virtio_device *dev;
    struct net_link *link;
    uint16_t n_pairs;
    uint16_t mtu;               /* 0: not offered */
    uint8_t own_mac[NET_MAC_BYTES];
    uint8_t *outgoing[NET_PAIRS_MAX];   /* a packet on its way out; NET_PACKET_MAX bytes each */
    /* Loop thread. */
    uint64_t features;
    uint8_t mac[NET_MAC_BYTES];
    uint16_t pairs_set;         /* by the driver */
    bool control_runs;
    bool cut, announce;
    uint64_t dropped;
    struct log_limit complaints;
};

static inline bool net_has(const struct net *net, unsigned bit)
{
    return net->features >> bit & 1;
}

/* Pairs that the driver may have set up. */
static inline uint16_t net_usable_pairs(const struct net *net)
{
    return net_has(net, NET_F_MQ) ? net->n_pairs : 1;
}

static inline uint16_t net_control_queue(const struct net *net)
{
    return (uint16_t)(2 * net_usable_pairs(net));
}

/* The coroutines of a pair's queues. Suspend. net_traffic.c. */
void coroutine_fn net_receive(struct net *net, uint16_t queue);
void coroutine_fn net_transmit(struct net *net, uint16_t queue);

/* The pairs that take part have changed: receivers look again. net_traffic.c. */
void net_wake_receivers(struct net *net);

/* A chain of the control queue: what the driver is told, NET_OK or NET_ERR. net_control.c. */
enum net_answer net_control(struct net *net, struct vq_chain *c);

/* What TUNSETOFFLOAD is to know of the GUEST_ features that were accepted. net_control.c. */
unsigned net_offloads(uint64_t features);

#endif
