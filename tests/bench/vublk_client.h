/*
 * The front end's side of vhost-user-blk: a connection, shared memory, rings of indirect requests.
 *
 * One thread, no guest: the requests are ours. A ring has `depth` slots; slot i owns head i, an
 * indirect table, a header, a block of data and a status byte in the shared memory. When the back
 * end goes away, client_connect may be called again: the in-flight record goes with it, so that
 * requests that were in flight are done by the next back end and complete as if nothing happened.
 */
#ifndef VUBLK_CLIENT_H
#define VUBLK_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK       4096u
#define MAX_QUEUES  16
#define MAX_DEPTH   128
#define RING        256     /* entries; a power of two >= MAX_DEPTH */

enum { BLK_IN = 0, BLK_OUT = 1, BLK_FLUSH = 4 };

struct ring {
    void *desc;
    volatile uint16_t *avail, *used;
    uint16_t avail_idx, used_seen;
    uint16_t kick_idx;      /* avail_idx when a kick was last considered */
    int kick_fd, call_fd;
    size_t slots_at;        /* offset of slot 0 in the memory */
};

struct client {
    const char *path;
    int socket;             /* -1: not connected */
    unsigned queues, depth;
    bool event_idx, poll;
    char *memory;
    size_t size;
    int memory_fd;
    int inflight_fd;        /* -1: the back end keeps no record */
    uint64_t inflight_size, inflight_offset;
    uint64_t capacity;      /* bytes */
    struct ring rings[MAX_QUEUES];
};

/* Makes the shared memory and the rings' descriptors. Ends the process when the system refuses. */
void client_init(struct client *c, const char *path, unsigned queues, unsigned depth, bool poll);

/* Connects and sets everything up, waiting up to `seconds` for the socket. 0 or -1, said on stderr. */
int client_connect(struct client *c, double seconds);

/* Stops every ring (waiting for its requests) and closes the connection. 0 or -1. */
int client_disconnect(struct client *c);

/* The block of data of a slot. */
void *client_data(struct client *c, unsigned q, unsigned slot);

/* Makes the request of slot available; client_kick tells the back end. */
void client_submit(struct client *c, unsigned q, unsigned slot, uint32_t type, uint64_t sector);
void client_kick(struct client *c, unsigned q);

/* The next finished slot of q and its status byte; -1: none; -2: the back end wrote nonsense. */
int client_finished(struct client *c, unsigned q, uint8_t *status);

/* Waits up to `milliseconds` for a call or for the end of the connection. False: it ended. */
bool client_wait(struct client *c, int milliseconds);

/* True while the back end has not closed the connection. */
bool client_alive(struct client *c);

#endif
