/*
 * virtio-net (virtio 1.2, section 5.1) on a tap interface, on passt, or on a socket (net_link.h).
 *
 * Queues: receive and transmit of each pair, then the control queue (without F_MQ it is queue 2, as
 * if there were one pair). A pair's queues have traffic of their own: receive puts each packet into as
 * many chains as it needs, transmit copies a packet out of its chain, gives that back, and sends.
 * A packet is never read twice: what was checked is what is sent.
 *
 * The driver's header is rebuilt from what the negotiated features allow; hdr_len is a hint and gets
 * clamped, num_buffers is not read at all. A packet that breaks a rule is dropped, and counted.
 * Rx filters are accepted and not applied: the cable has one guest at its end (5.1.6.5.1 allows it).
 *
 * Longer than other files, because a device is one file.
 */
#include <errno.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

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

enum net_control {
    NET_CTRL_RX = 0,            /* with command 0 to 5: promiscuous ... no broadcasts */
    NET_CTRL_MAC = 1,
    NET_CTRL_ANNOUNCE = 3,
    NET_CTRL_MQ = 4,
    NET_CTRL_GUEST_OFFLOADS = 5,
};

enum net_answer { NET_OK, NET_ERR };

#define NET_RX_LAST          5          /* the last command of NET_CTRL_RX */
#define NET_S_LINK_UP        1u
#define NET_S_ANNOUNCE       2u
#define NET_H_NEEDS_CSUM     1u
#define NET_H_DATA_VALID     2u
#define NET_GSO_NONE         0u
#define NET_GSO_TCPV4        1u
#define NET_GSO_UDP          3u
#define NET_GSO_TCPV6        4u
#define NET_GSO_ECN          0x80u
#define NET_PAIRS_MAX        16
#define NET_CHAINS_MAX       64         /* of one packet: 1,024 bytes each are enough */
#define NET_MTU_MIN          68
#define NET_MAC_BYTES        6

struct net_config {
    uint8_t mac[NET_MAC_BYTES];
    uint16_t status, max_virtqueue_pairs, mtu;
};

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

static bool net_has(const struct net *net, unsigned bit)
{
    return net->features >> bit & 1;
}

/* Pairs that the driver may have set up. */
static uint16_t net_usable_pairs(const struct net *net)
{
    return net_has(net, NET_F_MQ) ? net->n_pairs : 1;
}

static uint16_t net_control_queue(const struct net *net)
{
    return (uint16_t)(2 * net_usable_pairs(net));
}

/* A front end that keeps the control queue to itself starts the queues of the pairs in use only. */
static bool net_pair_active(const struct net *net, uint16_t pair)
{
    return pair < (net->control_runs ? net->pairs_set : net_usable_pairs(net));
}

static void net_wake_receivers(struct net *net)
{
    for (uint16_t pair = 0; pair < net->n_pairs; pair++) {
        virtio_wake(net->dev, (uint16_t)(2 * pair));
    }
}

static void net_drop(struct net *net, const char *why)
{
    uint64_t suppressed;

    net->dropped++;
    if (log_allowed(&net->complaints, 2, &suppressed)) {
        log_warn("net", "%s: %s (%llu packets dropped so far)", net_link_name(net->link), why,
                 (unsigned long long)net->dropped);
    }
}

/* Nothing comes or goes any more; the driver is told that the link is down. */
static void net_cut(struct net *net, int error)
{
    if (!net->cut) {
        net->cut = true;
        log_error("net", "%s: the cable is cut: %s", net_link_name(net->link),
                  error ? strerror(-error) : "the other end is gone");
        virtio_config_changed(net->dev);
        net_wake_receivers(net);
    }
}

/* ---- to the guest ----------------------------------------------------------- */

/* Puts one packet into chains. False: the queue stops. */
static bool coroutine_fn net_deliver(struct net *net, uint16_t queue, struct net_header *header,
                                     const void *packet, size_t size)
{
    unsigned limit = net_has(net, NET_F_MRG_RXBUF) ? NET_CHAINS_MAX : 1;

    while (virtio_room(net->dev, queue) < sizeof *header + size) {
        if (virtio_n_taken(net->dev, queue) >= limit) {
            net_drop(net, "a packet is longer than the driver's receive buffers");
            return true;        /* the chains stay taken, for the next packet */
        }
        if (!co_virtio_take(net->dev, queue)) {
            return false;
        }
    }
    header->num_buffers = (uint16_t)virtio_n_taken(net->dev, queue);
    virtio_put(net->dev, queue, header, sizeof *header);
    virtio_put(net->dev, queue, packet, size);
    virtio_give_back(net->dev, queue);
    return true;
}

/* Nothing is there to receive: waits. False: the queue stops. */
static bool coroutine_fn net_wait_for_packet(struct net *net, uint16_t queue, bool *hung_up)
{
    int fd = net_link_fd(net->link, queue / 2);
    int events = co_virtio_poll(net->dev, queue, fd, POLLIN, -1);

    *hung_up = events < 0 || (events & (POLLHUP | POLLERR | POLLNVAL));
    return events != -ECANCELED;
}

static void coroutine_fn net_receive(struct net *net, uint16_t queue)
{
    uint16_t pair = queue / 2;
    bool hung_up = false;

    for (;;) {
        bool attached = !net->cut && net_pair_active(net, pair);
        struct net_header header;
        const void *packet;
        ssize_t n;

        net_link_attach(net->link, pair, attached);
        if (!attached) {
            hung_up = false;
            if (!co_virtio_wait(net->dev, queue)) {
                return;
            }
            continue;
        }
        n = net_link_receive(net->link, pair, &header, &packet);
        if (n > 0) {
            if (!net_deliver(net, queue, &header, packet, (size_t)n)) {
                return;
            }
        } else if (n != -EAGAIN || hung_up) {
            net_cut(net, n == -EAGAIN ? 0 : (int)n);
        } else if (!net_wait_for_packet(net, queue, &hung_up)) {
            return;
        }
    }
}

/* ---- from the guest ----------------------------------------------------------- */

/* The feature that a kind of segmentation needs; -1: there is none. */
static int net_gso_feature(unsigned kind)
{
    switch (kind) {
    case NET_GSO_TCPV4:
        return NET_F_HOST_TSO4;
    case NET_GSO_TCPV6:
        return NET_F_HOST_TSO6;
    case NET_GSO_UDP:
        return NET_F_HOST_UFO;
    default:
        return -1;
    }
}

/*
 * Makes of the driver's header one that says only what was agreed on and fits the packet. False: the
 * packet breaks a rule.
 */
static bool net_check_header(const struct net *net, struct net_header *h, size_t size)
{
    struct net_header checked = { 0 };
    unsigned kind = h->gso_type & ~NET_GSO_ECN;

    if (h->flags & NET_H_NEEDS_CSUM) {
        if (!net_has(net, NET_F_CSUM) || (size_t)h->csum_start + h->csum_offset + 2 > size) {
            return false;
        }
        checked.flags = NET_H_NEEDS_CSUM;
        checked.csum_start = h->csum_start;
        checked.csum_offset = h->csum_offset;
    }
    if (kind != NET_GSO_NONE) {
        int feature = net_gso_feature(kind);

        if (feature < 0 || !net_has(net, (unsigned)feature) || !checked.flags || !h->gso_size ||
            ((h->gso_type & NET_GSO_ECN) && !net_has(net, NET_F_HOST_ECN))) {
            return false;
        }
        checked.gso_type = h->gso_type;
        checked.gso_size = h->gso_size;
        checked.hdr_len = h->hdr_len < size ? h->hdr_len : (uint16_t)NET_PACKET_MIN;
    }
    *h = checked;
    return true;
}

/* Copies the chain's packet out, and gives the chain back. Its size; 0: it was dropped. */
static size_t net_take_packet(struct net *net, uint16_t queue, struct vq_chain *chain,
                              struct net_header *header)
{
    size_t size = 0;

    if (chain_get(chain, header, sizeof *header)) {
        size = chain_out_left(chain);
    }
    if (size < NET_PACKET_MIN || size > NET_PACKET_MAX || !net_check_header(net, header, size)) {
        net_drop(net, "the driver sends what is not a packet");
        size = 0;
    }
    chain_get(chain, net->outgoing[queue / 2], size);
    virtio_give_back(net->dev, queue);
    return size;
}

static void coroutine_fn net_transmit(struct net *net, uint16_t queue)
{
    uint16_t pair = queue / 2;
    int fd = net_link_fd(net->link, pair);
    struct vq_chain *chain;

    while ((chain = co_virtio_take(net->dev, queue))) {
        struct net_header header;
        size_t size = net_take_packet(net, queue, chain, &header);
        int r = -EAGAIN;

        while (size && r == -EAGAIN && !net->cut && net_pair_active(net, pair)) {
            r = net_link_send(net->link, pair, &header, net->outgoing[pair], size);
            if (r == -EAGAIN && co_virtio_poll(net->dev, queue, fd, POLLOUT, -1) == -ECANCELED) {
                return;
            }
        }
        while (!net->cut && net_link_flush(net->link) == -EAGAIN) {
            if (co_virtio_poll(net->dev, queue, fd, POLLOUT, -1) == -ECANCELED) {
                return;
            }
        }
    }
}

static bool net_has_traffic(void *state, uint16_t queue)
{
    struct net *net = state;

    if (queue == net_control_queue(net)) {
        net->control_runs = true;
    }
    return queue < net_control_queue(net);
}

static void coroutine_fn net_traffic(void *state, uint16_t queue)
{
    /* Queues start one after the other: the control queue is to be there before pairs are judged. */
    if (queue >= 2 && !co_virtio_sleep(((struct net *)state)->dev, queue, 0)) {
        return;
    }
    if (queue % 2) {
        net_transmit(state, queue);
    } else {
        net_receive(state, queue);
    }
}

/* ---- the control queue ----------------------------------------------------------- */

/* Two tables of addresses, each behind its number. */
static int net_skip_mac_tables(struct vq_chain *c)
{
    for (unsigned i = 0; i < 2; i++) {
        uint32_t n;

        if (!chain_get(c, &n, sizeof n) || !chain_skip(c, (size_t)n * NET_MAC_BYTES)) {
            return NET_ERR;
        }
    }
    return NET_OK;
}

static int net_control_mac(struct net *net, struct vq_chain *c, uint8_t command)
{
    if (command == 0 && net_has(net, NET_F_CTRL_RX)) {
        return net_skip_mac_tables(c);
    }
    if (command == 1 && net_has(net, NET_F_CTRL_MAC_ADDR) &&
        chain_out_left(c) == sizeof net->mac) {
        chain_get(c, net->mac, sizeof net->mac);
        return NET_OK;
    }
    return NET_ERR;
}

static int net_control_pairs(struct net *net, struct vq_chain *c, uint8_t command)
{
    uint16_t n;

    if (command != 0 || !net_has(net, NET_F_MQ) || !chain_get(c, &n, sizeof n) || n == 0 ||
        n > net->n_pairs) {
        return NET_ERR;
    }
    net->pairs_set = n;
    net_wake_receivers(net);
    return NET_OK;
}

/* What TUNSETOFFLOAD is to know of these GUEST_ features. */
static unsigned net_offloads(uint64_t features)
{
    static const struct {
        uint8_t bit, tun;
    } table[] = {
        { NET_F_GUEST_TSO4, TUN_F_TSO4 },
        { NET_F_GUEST_TSO6, TUN_F_TSO6 },
        { NET_F_GUEST_ECN, TUN_F_TSO_ECN },
        { NET_F_GUEST_UFO, TUN_F_UFO },
    };
    unsigned offloads = TUN_F_CSUM;

    if (!(features >> NET_F_GUEST_CSUM & 1)) {
        return 0;               /* the others need it */
    }
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        offloads |= features >> table[i].bit & 1 ? table[i].tun : 0;
    }
    return offloads;
}

#define NET_GUEST_OFFLOADS                                                                    \
    (1u << NET_F_GUEST_CSUM | 1u << NET_F_GUEST_TSO4 | 1u << NET_F_GUEST_TSO6 |               \
     1u << NET_F_GUEST_ECN | 1u << NET_F_GUEST_UFO)

static int net_control_offloads(struct net *net, struct vq_chain *c, uint8_t command)
{
    uint64_t wanted;

    if (command != 0 || !net_has(net, NET_F_CTRL_GUEST_OFFLOADS) ||
        !chain_get(c, &wanted, sizeof wanted) ||
        wanted & ~(net->features & NET_GUEST_OFFLOADS)) {
        return NET_ERR;
    }
    net_link_set_offloads(net->link, net_offloads(wanted));
    return NET_OK;
}

static int net_control_announce(struct net *net, uint8_t command)
{
    if (command != 0 || !net_has(net, NET_F_GUEST_ANNOUNCE)) {
        return NET_ERR;
    }
    net->announce = false;
    return NET_OK;
}

static int net_control(struct net *net, struct vq_chain *c)
{
    uint8_t command[2], on;

    if (!chain_get(c, command, sizeof command)) {
        return NET_ERR;
    }
    switch (command[0]) {
    case NET_CTRL_RX:
        return net_has(net, NET_F_CTRL_RX) && command[1] <= NET_RX_LAST &&
               chain_get(c, &on, sizeof on) ? NET_OK : NET_ERR;
    case NET_CTRL_MAC:
        return net_control_mac(net, c, command[1]);
    case NET_CTRL_ANNOUNCE:
        return net_control_announce(net, command[1]);
    case NET_CTRL_MQ:
        return net_control_pairs(net, c, command[1]);
    case NET_CTRL_GUEST_OFFLOADS:
        return net_control_offloads(net, c, command[1]);
    default:
        return NET_ERR;
    }
}

static void coroutine_fn net_request(void *state, uint16_t queue, struct vq_chain *c)
{
    struct net *net = state;

    if (queue == net_control_queue(net) && net_has(net, NET_F_CTRL_VQ) && chain_reserve_last(c)) {
        chain_put_last(c, (uint8_t)net_control(net, c));
    }
}

/* ---- features and configuration ----------------------------------------------------------- */

static uint64_t net_features(void *state)
{
    const struct net *net = state;
    unsigned offloads = net_link_offloads(net->link);
    uint64_t f = 1u << NET_F_MAC | 1u << NET_F_MRG_RXBUF | 1u << NET_F_STATUS |
                 1u << NET_F_CTRL_VQ | 1u << NET_F_CTRL_RX | 1u << NET_F_GUEST_ANNOUNCE |
                 1u << NET_F_CTRL_MAC_ADDR;

    f |= net->mtu ? 1u << NET_F_MTU : 0;
    f |= net->n_pairs > 1 ? 1u << NET_F_MQ : 0;
    if (offloads & TUN_F_CSUM) {
        f |= 1u << NET_F_CSUM | 1u << NET_F_GUEST_CSUM | 1u << NET_F_CTRL_GUEST_OFFLOADS;
    }
    if (offloads & TUN_F_TSO4) {
        f |= 1u << NET_F_GUEST_TSO4 | 1u << NET_F_GUEST_TSO6 | 1u << NET_F_GUEST_ECN |
             1u << NET_F_HOST_TSO4 | 1u << NET_F_HOST_TSO6 | 1u << NET_F_HOST_ECN;
    }
    if (offloads & TUN_F_UFO) {
        f |= 1u << NET_F_GUEST_UFO | 1u << NET_F_HOST_UFO;
    }
    return f;
}

static void net_negotiated(void *state, uint64_t features)
{
    struct net *net = state;

    net->features = features;
    net_link_set_offloads(net->link, net_offloads(features));
}

static void net_get_config(void *state, void *config)
{
    const struct net *net = state;
    struct net_config *c = config;

    memcpy(c->mac, net->mac, sizeof c->mac);
    c->status = (net->cut ? 0 : NET_S_LINK_UP) | (net->announce ? NET_S_ANNOUNCE : 0);
    c->max_virtqueue_pairs = net->n_pairs;
    c->mtu = net->mtu;
}

static void net_reset(void *state)
{
    struct net *net = state;

    net->features = 0;
    net->pairs_set = 1;
    net->control_runs = net->announce = false;
    memcpy(net->mac, net->own_mac, sizeof net->mac);
    net_link_set_offloads(net->link, 0);
    for (uint16_t pair = 1; pair < net->n_pairs; pair++) {
        net_link_attach(net->link, pair, false);
    }
}

/* The option's address, or one of our own making. 0 or -errno. */
static int net_set_mac(struct net *net, const char *text, struct virtio_error *error)
{
    uint8_t *m = net->own_mac;
    int used = 0;

    if (!text) {
        static const uint8_t prefix[] = { 0x52, 0x54, 0x00 };

        memcpy(m, prefix, sizeof prefix);
        if (getrandom(m + sizeof prefix, sizeof net->own_mac - sizeof prefix, 0) < 0) {
            return virtio_fail(error, -errno, "no random MAC address: %s", strerror(errno));
        }
    } else if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &m[0], &m[1], &m[2], &m[3],
                      &m[4], &m[5], &used) != NET_MAC_BYTES || text[used] || m[0] & 1) {
        return virtio_fail(error, -EINVAL, "'%s' is not the MAC address of an interface", text);
    }
    return 0;
}

static int net_set_mtu(struct net *net, const char *text, struct virtio_error *error)
{
    char *end;
    unsigned long mtu = text ? strtoul(text, &end, 10) : 0;

    if (text && (text[0] < '0' || text[0] > '9' || *end || mtu < NET_MTU_MIN || mtu > 65535)) {
        return virtio_fail(error, -EINVAL, "not a possible MTU (%d to 65535): '%s'", NET_MTU_MIN,
                           text);
    }
    net->mtu = (uint16_t)mtu;
    return 0;
}

static int net_realize(void *state, struct virtio_device *dev, uint16_t n_queues,
                       const struct virtio_config_values *options, struct virtio_error *error)
{
    const char *const *values = options->values;
    struct net_link_options link = {
        .tap = values[0], .passt = values[1], .tcp_ports = values[2], .udp_ports = values[3],
        .socket = values[4], .fd = values[5],
    };
    struct net *net = state;
    int r;

    net->dev = dev;
    net->n_pairs = n_queues;
    r = net_set_mac(net, values[6], error);
    if (r == 0) {
        r = net_set_mtu(net, values[7], error);
    }
    if (r == 0) {
        r = net_link_open(&net->link, n_queues, &link, error);
    }
    if (r) {
        return r;
    }
    for (uint16_t pair = 0; pair < n_queues; pair++) {
        net->outgoing[pair] = malloc(NET_PACKET_MAX);
        if (!net->outgoing[pair]) {
            abort();
        }
    }
    net_reset(net);
    return 0;
}

static void net_unrealize(void *state)
{
    struct net *net = state;

    for (uint16_t pair = 0; pair < net->n_pairs; pair++) {
        free(net->outgoing[pair]);
    }
    net_link_close(net->link);
}

static uint16_t net_n_virtqueues(uint16_t pairs, const struct virtio_config_values *options)
{
    (void)options;
    return (uint16_t)(2 * pairs + 1);
}

static const struct virtio_option net_options[] = {
    { "tap", "IFNAME", "a tap interface of the host's", false },
    { "passt", NULL, "the user's own network through passt, without root", false },
    { "tcp-ports", "SPEC", "TCP ports that passt forwards to the guest, as its --tcp-ports", false },
    { "udp-ports", "SPEC", "the same for UDP", false },
    { "socket", "PATH", "a Unix socket that speaks as QEMU's -netdev stream", false },
    { "fd", "N", "an inherited socket: a stream of the same kind, or datagrams", false },
    { "mac", "ADDRESS", "the guest's MAC address (default: 52:54:00 and three random bytes)", false },
    { "mtu", "N", "the MTU that the driver is told", false },
    { NULL, NULL, NULL, false },
};

const struct virtio_class net_class = {
    .name = "net",
    .summary = "network interface on a tap, on passt or on a socket",
    .device_id = 1,
    .state_size = sizeof(struct net),
    .config_size = sizeof(struct net_config),
    .max_queues = NET_PAIRS_MAX,
    .queue_size = 256,
    .options = net_options,
    .n_virtqueues = net_n_virtqueues,
    .realize = net_realize,
    .unrealize = net_unrealize,
    .features = net_features,
    .get_config = net_get_config,
    .request = net_request,
    .has_traffic = net_has_traffic,
    .traffic = net_traffic,
    .negotiated = net_negotiated,
    .reset = net_reset,
};
