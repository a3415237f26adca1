/*
 * fake_bus.h - the machine around a PCI bus, without KVM: message-signalled interrupts are
 * counted, lines and eventfds on addresses are tables to be looked at.
 */
#ifndef FAKE_BUS_H
#define FAKE_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"
#include "pci.h"

enum {
    FAKE_BUS_DEVICES = 8,
    FAKE_BUS_MESSAGES = 128,
    FAKE_BUS_KICKS = 256,
    FAKE_BUS_DATA = 64,         /* messages with data below are counted */
};

#define FAKE_BUS_WINDOW         0xc0000000ull
#define FAKE_BUS_WINDOW_SIZE    0x20000000ull
#define FAKE_BUS_ADDRESS        0xfee00000ull   /* where messages are counted by their data */

struct fake_bus;

struct fake_bus_message {
    struct fake_bus *owner;
    unsigned device;
    int fd;
    uint64_t address;
    uint32_t data;
};

struct fake_bus {
    AioContext *ctx;
    struct pci_platform platform;
    struct pci_bus bus;
    unsigned adding;            /* the device that is being made: slot - 1 */
    unsigned long *interrupts;  /* FAKE_BUS_DEVICES; the caller's */
    struct fake_bus_message message[FAKE_BUS_MESSAGES];
    unsigned n_messages;
    unsigned long sent[FAKE_BUS_DATA];
    bool line[PCI_LINES];
    struct {
        int fd;
        uint64_t gpa;           /* 0: free */
    } kick[FAKE_BUS_KICKS];
};

/*
 * An empty bus. A rule of struct pci_platform that is broken later ends the process with a line on
 * stderr.
 */
void fake_bus_init(struct fake_bus *b, AioContext *ctx, unsigned long *interrupts);

/*
 * Messages are not listened to any more: before the functions are freed, whose eventfds they have.
 */
void fake_bus_quiet(struct fake_bus *b);
void fake_bus_free(struct fake_bus *b);

/* How many eventfds wait for writes at gpa. */
unsigned fake_bus_count_kicks(const struct fake_bus *b, uint64_t gpa);

#endif
