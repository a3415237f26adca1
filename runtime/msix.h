/*
 * msix.h - the MSI-X table of a PCI function (PCI Local Bus Specification 3.0, section 6.8.2).
 *
 * Each vector is an eventfd that the machine turns into its message without a way through user
 * space. Masking is a flag looked at before the eventfd is written: a vector signalled while it is
 * masked becomes pending, and is sent when neither the vector nor the function is masked any more.
 * Rejected: taking the eventfd away from the machine while masked, which costs KVM a grace period.
 *
 * Threads: any; msix_signal mostly comes from the loop thread, the table from vCPU threads.
 */
#ifndef CPC_MSIX_H
#define CPC_MSIX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "pci.h"

enum {
    MSIX_CAPABILITY = 0x11,         /* its ID */
    MSIX_CONTROL = 2,               /* where in the capability the control word is */
    MSIX_ENTRY = 16,                /* bytes of a vector in the table */
    MSIX_MAX = 256,                 /* vectors; a multiple of 64 */
};

struct msix_vector {
    int fd;
    int message;                    /* the platform's number for it; < 0: it gave none */
    uint32_t address, address_high, data, control;
    bool routed;                    /* the platform knows address and data */
};

struct msix {
    pthread_mutex_t lock;
    const struct pci_platform *platform;
    uint16_t n;
    bool enabled, masked;
    struct msix_vector *vector;
    uint64_t pending[MSIX_MAX / 64];
};

/* n vectors, at most MSIX_MAX, masked. 0, -ENOMEM, or -errno of an eventfd; then freed already. */
int msix_init(struct msix *msix, const struct pci_platform *platform, uint16_t n);
void msix_free(struct msix *msix);

/*
 * Adds the capability to fn: table and pending bits are at these offsets of BAR 0. `msix` must be
 * fn->msix already.
 */
void msix_describe(struct pci_function *fn, uint32_t table, uint32_t pending);

/* The guest wrote the control word. */
void msix_control(struct msix *msix, uint16_t control);
bool msix_enabled(struct msix *msix);

/* Sends a vector, or makes it pending. False: MSI-X is off. A vector that is not there is none. */
bool msix_signal(struct msix *msix, uint16_t vector);

/* Accesses of the guest to the table and the pending bits; 4 and 8 bytes, aligned, mean something. */
uint64_t msix_table_read(struct msix *msix, uint64_t offset, unsigned size);
void msix_table_write(struct msix *msix, uint64_t offset, unsigned size, uint64_t value);
uint64_t msix_pending_read(struct msix *msix, uint64_t offset, unsigned size);

#endif
