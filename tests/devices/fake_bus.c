/*
 * fake_bus.c - see fake_bus.h.
 */
#include "fake_bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what)
{
    fprintf(stderr, "fake_bus: %s\n", what);
    exit(2);
}

static void on_message(void *opaque)
{
    struct fake_bus_message *m = opaque;
    uint64_t count;

    if (read(m->fd, &count, sizeof count) != sizeof count) {
        return;
    }
    m->owner->interrupts[m->device] += count;
    if (m->address == FAKE_BUS_ADDRESS && m->data < FAKE_BUS_DATA) {
        m->owner->sent[m->data] += count;
    }
}

static int add_message(void *opaque, int fd)
{
    struct fake_bus *b = opaque;
    struct fake_bus_message *m = &b->message[b->n_messages];

    if (b->n_messages == FAKE_BUS_MESSAGES) {
        return -ENOSPC;
    }
    m->owner = b;
    m->device = b->adding;
    m->fd = fd;
    if (aio_set_fd_handler(b->ctx, fd, on_message, m)) {
        fail("cannot listen to a message");
    }
    return (int)b->n_messages++;
}

static void route_message(void *opaque, int n, uint64_t address, uint32_t data)
{
    struct fake_bus_message *m = &((struct fake_bus *)opaque)->message[n];

    m->address = address;
    m->data = data;
}

static void set_line(void *opaque, unsigned line, bool level)
{
    struct fake_bus *b = opaque;

    if (b->line[line] == level) {
        fail("a line is set to what it is");
    }
    b->line[line] = level;
    b->interrupts[line - 1] += level;
}

static void add_kick(void *opaque, int fd, uint64_t gpa)
{
    struct fake_bus *b = opaque;

    for (unsigned i = 0; i < FAKE_BUS_KICKS; i++) {
        if (b->kick[i].gpa == 0) {
            b->kick[i].fd = fd;
            b->kick[i].gpa = gpa;
            return;
        }
    }
    fail("too many kicks");
}

static void remove_kick(void *opaque, int fd, uint64_t gpa)
{
    struct fake_bus *b = opaque;

    for (unsigned i = 0; i < FAKE_BUS_KICKS; i++) {
        if (b->kick[i].fd == fd && b->kick[i].gpa == gpa) {
            b->kick[i].gpa = 0;
            return;
        }
    }
    fail("a kick is removed that was never added");
}

void fake_bus_init(struct fake_bus *b, AioContext *ctx, unsigned long *interrupts)
{
    memset(b, 0, sizeof *b);
    b->ctx = ctx;
    b->interrupts = interrupts;
    b->platform = (struct pci_platform){
        .add_message = add_message,
        .route_message = route_message,
        .set_line = set_line,
        .add_kick = add_kick,
        .remove_kick = remove_kick,
        .opaque = b,
    };
    pci_bus_init(&b->bus, &b->platform, FAKE_BUS_WINDOW, FAKE_BUS_WINDOW_SIZE);
}

void fake_bus_quiet(struct fake_bus *b)
{
    for (unsigned i = 0; i < b->n_messages; i++) {
        aio_set_fd_handler(b->ctx, b->message[i].fd, NULL, NULL);
    }
}

void fake_bus_free(struct fake_bus *b)
{
    pci_bus_free(&b->bus);
}

unsigned fake_bus_count_kicks(const struct fake_bus *b, uint64_t gpa)
{
    unsigned n = 0;

    for (unsigned i = 0; i < FAKE_BUS_KICKS; i++) {
        n += b->kick[i].gpa == gpa;
    }
    return n;
}
