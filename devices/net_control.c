/*
 * The control queue of virtio-net (virtio 1.2, section 5.1.6.5): filters, addresses, pairs, offloads.
 *
 * Rx filters are accepted and not applied: the cable has one guest at its end (5.1.6.5.1 allows it).
 */
#include <linux/if_tun.h>

#include "net_impl.h"

enum net_control {
    NET_CTRL_RX = 0,            /* with command 0 to 5: promiscuous ... no broadcasts */
    NET_CTRL_MAC = 1,
    NET_CTRL_ANNOUNCE = 3,
    NET_CTRL_MQ = 4,
    NET_CTRL_GUEST_OFFLOADS = 5,
};

#define NET_RX_LAST          5          /* the last command of NET_CTRL_RX */

/* Two tables of addresses, each behind its number. */
static enum net_answer net_skip_mac_tables(struct vq_chain *c)
{
    for (unsigned i = 0; i < 2; i++) {
        uint32_t n;

        if (!chain_get(c, &n, sizeof n) || !chain_skip(c, (size_t)n * NET_MAC_BYTES)) {
            return NET_ERR;
        }
    }
    return NET_OK;
}

static enum net_answer net_control_mac(struct net *net, struct vq_chain *c, uint8_t command)
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

static enum net_answer net_control_pairs(struct net *net, struct vq_chain *c, uint8_t command)
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

unsigned net_offloads(uint64_t features)
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

static enum net_answer net_control_offloads(struct net *net, struct vq_chain *c, uint8_t command)
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

static enum net_answer net_control_announce(struct net *net, uint8_t command)
{
    if (command != 0 || !net_has(net, NET_F_GUEST_ANNOUNCE)) {
        return NET_ERR;
    }
    net->announce = false;
    return NET_OK;
}

enum net_answer net_control(struct net *net, struct vq_chain *c)
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
