/*
 * irq.h - interrupts without a way through user space: which GSI is a line, which is a message.
 *
 * GSI 0 to 23 are the lines of the IO-APIC (0 to 15 of the PICs too), as KVM has them by itself;
 * messages get numbers from 24 on. KVM takes the table of all of them as a whole, so it is kept
 * here.
 *
 * Threads: any, once irq_init has returned.
 */
#ifndef CPC_IRQ_H
#define CPC_IRQ_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "kvm.h"
#include "log.h"

enum {
    IRQ_LINES = 24,
    IRQ_MESSAGES = 4000,        /* KVM has 4096 routes; lines take 40 of them */
};

struct irq {
    struct kvm *kvm;
    pthread_mutex_t lock;
    struct kvm_irq_routing *table;      /* lines, then messages that have a route */
    unsigned next_gsi;
    struct log_limit complaints;        /* a guest may ask for impossible routes for ever */
};

/* 0, or -errno logged. irq_free in any case. */
int irq_init(struct irq *irq, struct kvm *kvm);
void irq_free(struct irq *irq);

/* A message whose route is not known yet: each write to fd sends it. Its GSI, or -errno logged. */
int irq_add_message(struct irq *irq, int fd);

/* Where the message of that GSI goes, as a guest programs it; logged when KVM refuses. */
void irq_route_message(struct irq *irq, unsigned gsi, uint64_t address, uint32_t data);

#endif
