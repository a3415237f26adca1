/*
 * irq.c - see irq.h.
 */
#include "irq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PIC_LINES = 16, LINE_ROUTES = PIC_LINES + IRQ_LINES };

static void add_line(struct irq *irq, unsigned gsi, unsigned chip, unsigned pin)
{
    irq->table->entries[irq->table->nr++] = (struct kvm_irq_routing_entry){
        .gsi = gsi,
        .type = KVM_IRQ_ROUTING_IRQCHIP,
        .u.irqchip = {.irqchip = chip, .pin = pin},
    };
}

int irq_init(struct irq *irq, struct kvm *kvm)
{
    size_t routes = LINE_ROUTES + IRQ_MESSAGES;

    memset(irq, 0, sizeof *irq);
    pthread_mutex_init(&irq->lock, NULL);
    irq->kvm = kvm;
    irq->next_gsi = IRQ_LINES;
    irq->table = calloc(1, sizeof *irq->table + routes * sizeof irq->table->entries[0]);
    if (irq->table == NULL) {
        log_error("vmm", "no memory for the interrupt routes");
        return -ENOMEM;
    }
    for (unsigned gsi = 0; gsi < IRQ_LINES; gsi++) {
        if (gsi < PIC_LINES)
            add_line(irq, gsi, gsi < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE, gsi % 8);
        add_line(irq, gsi, KVM_IRQCHIP_IOAPIC, gsi);
    }
    return 0;
}

void irq_free(struct irq *irq)
{
    free(irq->table);
    pthread_mutex_destroy(&irq->lock);
}

int irq_add_message(struct irq *irq, int fd)
{
    int r;

    if (irq->next_gsi == IRQ_LINES + IRQ_MESSAGES) {
        log_error("vmm", "no more than %d interrupt messages: give devices fewer queues",
                  IRQ_MESSAGES);
        return -ENOSPC;
    }
    r = kvm_add_irqfd(irq->kvm, fd, irq->next_gsi);
    return r < 0 ? r : (int)irq->next_gsi++;
}

/* The route of a message, made when it has none. */
static struct kvm_irq_routing_entry *find_route(struct irq *irq, unsigned gsi)
{
    struct kvm_irq_routing_entry *entry = &irq->table->entries[LINE_ROUTES];

    for (unsigned i = LINE_ROUTES; i < irq->table->nr; i++, entry++) {
        if (entry->gsi == gsi)
            return entry;
    }
    irq->table->nr++;
    memset(entry, 0, sizeof *entry);
    entry->gsi = gsi;
    entry->type = KVM_IRQ_ROUTING_MSI;
    return entry;
}

void irq_route_message(struct irq *irq, unsigned gsi, uint64_t address, uint32_t data)
{
    struct kvm_irq_routing_entry *entry;
    uint64_t suppressed;
    int r;

    pthread_mutex_lock(&irq->lock);
    entry = find_route(irq, gsi);
    entry->u.msi.address_lo = (uint32_t)address;
    entry->u.msi.address_hi = (uint32_t)(address >> 32);
    entry->u.msi.data = data;
    r = kvm_set_routes(irq->kvm, irq->table);
    if (r < 0 && log_allowed(&irq->complaints, 5, &suppressed))
        log_warn("vmm", "KVM refuses to send an interrupt to 0x%llx: %s",
                 (unsigned long long)address, strerror(-r));
    if (r < 0)
        *entry = irq->table->entries[--irq->table->nr];     /* one bad route would spoil all */
    pthread_mutex_unlock(&irq->lock);
}
