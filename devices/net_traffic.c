/*
 * Packets of virtio-net: receive puts each packet into as many chains as it needs, transmit copies a
 * packet out of its chain, gives that back, and sends. A packet is never read twice: what was checked
 * is what is sent.
 *
 * The driver's header is rebuilt from what the negotiated features allow; hdr_len is a hint and gets
 * clamped, num_buffers is not read at all. A packet that breaks a rule is dropped, and counted.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "net_impl.h"

#define NET_H_NEEDS_CSUM     1u
#define NET_H_DATA_VALID     2u
#define NET_GSO_NONE         0u
#define NET_GSO_TCPV4        1u
#define NET_GSO_UDP          3u
#define NET_GSO_TCPV6        4u
#define NET_GSO_ECN          0x80u
#define NET_CHAINS_MAX       64         /* of one packet: 1,024 bytes each are enough */
#define NET_BURST            64         /* packets before others get their turn */

/* A front end that keeps the control queue to itself starts the queues of the pairs in use only. */
static bool net_pair_active(const struct net *net, uint16_t pair)
{
    return pair < (net->control_runs ? net->pairs_set : net_usable_pairs(net));
}

void net_wake_receivers(struct net *net)
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

void coroutine_fn net_receive(struct net *net, uint16_t queue)
{
    uint16_t pair = queue / 2;
    bool hung_up = false;
    unsigned packets = 0;

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
            if (!net_deliver(net, queue, &header, packet, (size_t)n) ||
                (++packets % NET_BURST == 0 && !co_virtio_sleep(net->dev, queue, 0))) {
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

void coroutine_fn net_transmit(struct net *net, uint16_t queue)
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
