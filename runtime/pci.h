/*
 * pci.h - one PCI bus behind a host bridge: configuration space, one memory BAR per function, INTx.
 *
 * Bus 0 has 32 slots of one function each; slot 0 is the host bridge. Configuration space is
 * reached by mechanism 1 (PCI_PORT, 8 ports) and through the memory window of PCI Express (ECAM);
 * what is not there reads as all ones, and what is written there is lost. A function has a
 * configuration space of 256 bytes and BAR 0, a 64-bit memory BAR, which has an address from the
 * start, as firmware would give it one; the guest turns memory decoding on, and may move the BAR.
 * A BAR that lies not wholly inside the bus's window is not decoded, wherever it points.
 *
 * The machine around the bus (interrupts, eventfds on addresses) is a struct pci_platform, so that
 * nothing here knows KVM.
 *
 * Threads: pci_bus_init, pci_add and pci_bus_free before and after any vCPU runs; everything else
 * in any thread. The lock is never held while a function's read or write runs, so these may wait.
 */
#ifndef CPC_PCI_H
#define CPC_PCI_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    PCI_PORT = 0xcf8,               /* CONFIG_ADDRESS, CONFIG_DATA */
    PCI_PORTS = 8,
    PCI_SLOTS = 32,
    PCI_LINES = 8,                  /* INTA of slot n is line n % 8 */
    PCI_CONFIG_SIZE = 256,
    PCI_ECAM_SIZE = 1 << 20,        /* one bus */

    PCI_VENDOR_ID = 0x00,
    PCI_DEVICE_ID = 0x02,
    PCI_COMMAND = 0x04,
    PCI_STATUS = 0x06,
    PCI_REVISION = 0x08,
    PCI_CLASS = 0x09,               /* three bytes: interface, subclass, class */
    PCI_BAR0 = 0x10,
    PCI_SUBSYSTEM_VENDOR_ID = 0x2c,
    PCI_SUBSYSTEM_ID = 0x2e,
    PCI_CAPABILITIES = 0x34,
    PCI_FIRST_CAPABILITY = 0x40,
    PCI_INTERRUPT_LINE = 0x3c,
    PCI_INTERRUPT_PIN = 0x3d,

    PCI_COMMAND_MEMORY = 0x2,
    PCI_COMMAND_MASTER = 0x4,
    PCI_COMMAND_NO_INTX = 0x400,
    PCI_STATUS_INTX = 0x8,
    PCI_STATUS_CAPABILITIES = 0x10,
};

struct msix;

/* What the bus and its functions need of the machine. Called with locks held: do not call back. */
struct pci_platform {
    /* From now on each write to the eventfd fd sends message n, which has no route yet. */
    int (*add_message)(void *opaque, int fd);       /* returns n, or -errno */
    void (*route_message)(void *opaque, int n, uint64_t address, uint32_t data);
    void (*set_line)(void *opaque, unsigned line, bool level);
    /* From now on a guest write to gpa may signal fd instead of coming here; it need not. */
    void (*add_kick)(void *opaque, int fd, uint64_t gpa);
    void (*remove_kick)(void *opaque, int fd, uint64_t gpa);
    void *opaque;
};

struct pci_function {
    /* The owner's, before pci_add; constant then. */
    void *opaque;
    uint64_t bar_size;              /* of BAR 0, a power of two from 4096; 0: none */
    uint64_t (*read)(void *opaque, uint64_t offset, unsigned size);     /* size 1, 2, 4, 8 */
    void (*write)(void *opaque, uint64_t offset, unsigned size, uint64_t value);
    /* BAR 0 is decoded at gpa from now on; 0: nowhere. Under the lock. May be NULL. */
    void (*moved)(void *opaque, uint64_t gpa);
    /* Answers accesses of the 4 bytes of configuration space at `window`; 0: no such window. */
    uint64_t (*window_read)(void *opaque, unsigned offset, unsigned size);
    void (*window_write)(void *opaque, unsigned offset, unsigned size, uint64_t value);
    uint8_t window;
    struct msix *msix;              /* NULL: none */
    uint8_t msix_capability;        /* its place */
    /* The bus's; under its lock. */
    struct pci_bus *bus;
    unsigned slot;
    uint8_t config[PCI_CONFIG_SIZE];
    uint8_t writable[PCI_CONFIG_SIZE];      /* a bit that is set can be written */
    uint8_t last_capability, next_capability;   /* 0: none yet */
    uint64_t decoded;               /* where BAR 0 is now; 0: nowhere */
    bool intx_wanted, intx_driven;
};

struct pci_bus {
    pthread_mutex_t lock;
    const struct pci_platform *platform;
    uint64_t window, window_size;   /* guest addresses for BARs */
    uint32_t address;               /* CONFIG_ADDRESS */
    unsigned line_users[PCI_LINES];
    struct pci_function *function[PCI_SLOTS];
    struct pci_function bridge;
};

/* An empty bus that gives BARs addresses from `window` on. */
void pci_bus_init(struct pci_bus *bus, const struct pci_platform *platform, uint64_t window,
                  uint64_t window_size);
void pci_bus_free(struct pci_bus *bus);

/*
 * Building a function: its identity, then its capabilities in the order they are found in. Returns
 * the place of a capability, whose bytes after the first two are `body`; `writable` (of the same
 * size, or NULL) has the bits that the guest may write.
 */
void pci_identify(struct pci_function *fn, uint16_t vendor, uint16_t device, uint32_t class,
                  uint8_t revision);
uint8_t pci_add_capability(struct pci_function *fn, uint8_t id, const void *body,
                           const void *writable, unsigned size);

/* Puts a function, which stays the caller's, into the next slot. 0, -ENOSPC: all are taken. */
int pci_add(struct pci_bus *bus, struct pci_function *fn);

/* Bytes of a function's configuration space, little endian. */
uint32_t pci_config_get(struct pci_function *fn, unsigned offset, unsigned size);

/* Whether the function wants its interrupt line raised; the command register and MSI-X decide. */
void pci_set_intx(struct pci_function *fn, bool wanted);

/* Accesses of the guest: `offset` is from PCI_PORT, from the start of ECAM, from bus->window. */
uint64_t pci_port_read(void *bus, uint64_t offset, unsigned size);
void pci_port_write(void *bus, uint64_t offset, unsigned size, uint64_t value);
uint64_t pci_ecam_read(void *bus, uint64_t offset, unsigned size);
void pci_ecam_write(void *bus, uint64_t offset, unsigned size, uint64_t value);
uint64_t pci_window_read(void *bus, uint64_t offset, unsigned size);
void pci_window_write(void *bus, uint64_t offset, unsigned size, uint64_t value);

#endif
