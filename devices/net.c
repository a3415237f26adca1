/*
 * virtio-net (virtio 1.2, section 5.1) on a tap interface, on passt, or on a socket (net_link.h).
 *
 * Queues: receive and transmit of each pair, then the control queue (without F_MQ it is queue 2, as
 * if there were one pair). A pair's queues have traffic of their own: net_traffic.c.
 */
#include <errno.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "net_impl.h"

#define NET_S_LINK_UP        1u
#define NET_S_ANNOUNCE       2u
#define NET_MTU_MIN          68

struct net_config {
    uint8_t mac[NET_MAC_BYTES];
    uint16_t status, max_virtqueue_pairs, mtu;
};

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
