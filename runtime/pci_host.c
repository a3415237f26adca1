/*
 * pci_host.c - see pci_host.h.
 */
#include "pci_host.h"

#include <string.h>

#include "log.h"

static int add_message(void *opaque, int fd)
{
    struct pci_host *host = opaque;

    return irq_add_message(&host->irq, fd);
}

static void route_message(void *opaque, int n, uint64_t address, uint32_t data)
{
    struct pci_host *host = opaque;

    irq_route_message(&host->irq, (unsigned)n, address, data);
}

static void set_line(void *opaque, unsigned line, bool level)
{
    struct pci_host *host = opaque;

    kvm_set_irq_line(host->kvm, PCI_FIRST_GSI + line, level);
}

/* Two BARs at one address, or no more room in KVM: the kick then leaves the guest, and works. */
static void add_kick(void *opaque, int fd, uint64_t gpa)
{
    struct pci_host *host = opaque;

    kvm_set_kick(host->kvm, fd, gpa, false);
}

static void remove_kick(void *opaque, int fd, uint64_t gpa)
{
    struct pci_host *host = opaque;

    kvm_set_kick(host->kvm, fd, gpa, true);
}

static int add_ranges(struct pci_host *host, struct machine *machine)
{
    struct pci_bus *bus = &host->bus;
    const struct machine_range
        ports = {PCI_PORT, PCI_PORTS, pci_port_read, pci_port_write, bus},
        ecam = {PCI_ECAM_GPA, PCI_ECAM_SIZE, pci_ecam_read, pci_ecam_write, bus},
        window = {PCI_WINDOW_GPA, PCI_WINDOW_SIZE, pci_window_read, pci_window_write, bus};
    int r = machine_add_ports(machine, &ports);

    if (r == 0)
        r = machine_add_mmio(machine, &ecam);
    if (r == 0)
        r = machine_add_mmio(machine, &window);
    if (r < 0)
        log_error("vmm", "cannot add the PCI bus: %s", strerror(-r));
    return r;
}

int pci_host_init(struct pci_host *host, struct machine *machine, struct kvm *kvm)
{
    int r = irq_init(&host->irq, kvm);

    host->kvm = kvm;
    host->platform = (struct pci_platform){
        .add_message = add_message,
        .route_message = route_message,
        .set_line = set_line,
        .add_kick = add_kick,
        .remove_kick = remove_kick,
        .opaque = host,
    };
    pci_bus_init(&host->bus, &host->platform, PCI_WINDOW_GPA, PCI_WINDOW_SIZE);
    return r < 0 ? r : add_ranges(host, machine);
}

void pci_host_free(struct pci_host *host)
{
    pci_bus_free(&host->bus);
    irq_free(&host->irq);
}
