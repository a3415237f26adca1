/*
 * What net_link.c (packets) and net_open.c (opening and closing) share. Nobody else includes this.
 */
#ifndef CPC_NET_LINK_IMPL_H
#define CPC_NET_LINK_IMPL_H

#include "net_link.h"

#define NET_LENGTH_BYTES 4
#define NET_BUFFER       (2 * (NET_LENGTH_BYTES + NET_PACKET_MAX))  /* a packet always fits behind another */

enum net_kind { NET_TAP, NET_DATAGRAM, NET_STREAM };

struct net_pair {
    int fd;                     /* constant; -1: not open */
    bool attached;
    uint8_t *buffer;            /* NET_BUFFER bytes */
    size_t start, end;          /* of a stream: what lies in the buffer */
};

struct net_link {
    /* Constant after opening. */
    enum net_kind kind;
    char name[64];
    unsigned offloads;
    pid_t passt;                /* 0: none */
    uint16_t n_pairs;
    /* Loop thread. */
    size_t unsent_start, unsent_end;
    uint8_t unsent[NET_LENGTH_BYTES + NET_PACKET_MAX];
    struct net_pair pairs[];
};

#endif
