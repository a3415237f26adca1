/*
 * virtio_slots.c - see virtio_slots.h.
 */
#include "virtio_slots.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

static const uint64_t FIRST_GPA = MACHINE_HOLE_START;

/* A register access on its way to the loop thread. */
struct register_access {
    struct virtio_slot *slot;
    uint64_t offset, value;
    unsigned size;
};

static void read_in_loop(void *opaque)
{
    struct register_access *a = opaque;

    a->value = virtio_mmio_read(a->slot->mmio, a->offset, a->size);
}

static void write_in_loop(void *opaque)
{
    struct register_access *a = opaque;

    virtio_mmio_write(a->slot->mmio, a->offset, a->size, a->value);
}

static uint64_t read_register(void *opaque, uint64_t offset, unsigned size)
{
    struct register_access a = {.slot = opaque, .offset = offset, .size = size};

    loop_call_sync(a.slot->ctx, read_in_loop, &a);
    return a.value;
}

static void write_register(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct register_access a = {.slot = opaque, .offset = offset, .size = size, .value = value};

    loop_call_sync(a.slot->ctx, write_in_loop, &a);
}

/* Kicks without an exit, as far as KVM has room. */
static int add_ioeventfds(struct virtio_slots *s, const struct virtio_slot *slot, uint64_t gpa)
{
    for (uint16_t q = 0; q < virtio_n_queues(slot->device); q++) {
        int r = kvm_add_ioeventfd(s->kvm, virtio_mmio_kick_fd(slot->mmio, q),
                                  gpa + VIRTIO_MMIO_NOTIFY, q);

        if (r == -ENOSPC || r == -EINVAL) {
            log_info("vmm", "no ioeventfd for queue %u at 0x%llx: its kicks leave the guest", q,
                     (unsigned long long)gpa);
            return 0;
        }
        if (r < 0)
            return r;
    }
    return 0;
}

static int connect_mmio(struct virtio_slots *s, struct virtio_slot *slot, size_t index)
{
    struct acpi_virtio *where = &s->acpi[index];
    struct machine_range window = {
        .base = FIRST_GPA + index * VIRTIO_MMIO_WINDOW,
        .size = VIRTIO_MMIO_WINDOW,
        .read = read_register,
        .write = write_register,
        .opaque = slot,
    };
    int r = machine_add_mmio(s->machine, &window);

    slot->mmio = virtio_mmio_new(slot->device, NULL, NULL);
    where->gpa = (uint32_t)window.base;
    where->size = VIRTIO_MMIO_WINDOW;
    where->gsi = VIRTIO_SLOTS_GSI + (uint32_t)index;
    if (r < 0) {
        log_error("vmm", "no place for a device at 0x%x: %s", where->gpa, strerror(-r));
        return r;
    }
    r = kvm_add_irqfd(s->kvm, virtio_mmio_irq_fd(slot->mmio), where->gsi);
    if (r == 0)
        r = add_ioeventfds(s, slot, where->gpa);
    return r;
}

static int connect_pci(struct virtio_slots *s, struct virtio_slot *slot)
{
    slot->pci = virtio_pci_new(slot->device, &s->pci.bus);
    if (slot->pci != NULL)
        return 0;
    log_error("vmm", "%s: cannot make its PCI function: too many devices or open files",
              slot->name);
    return -EMFILE;
}

int virtio_slots_init(struct virtio_slots *s, struct machine *machine, struct kvm *kvm,
                      AioContext *ctx, enum virtio_transport_kind transport, bool iothreads)
{
    memset(s, 0, sizeof *s);
    s->machine = machine;
    s->kvm = kvm;
    s->ctx = ctx;
    s->transport = transport;
    s->iothreads = iothreads;
    return transport == VIRTIO_OVER_PCI ? pci_host_init(&s->pci, machine, kvm) : 0;
}

/* A slot on its way to the device's thread, which makes the device. */
struct slot_making {
    struct virtio_slots *slots;
    struct virtio_slot *slot;
    size_t index;
    const struct device_spec *spec;
    int result;
};

static void make_in_loop(void *opaque)
{
    struct slot_making *making = opaque;
    struct virtio_slots *s = making->slots;
    struct virtio_slot *slot = making->slot;
    struct virtio_error error = {.text = ""};

    slot->device = device_spec_make(making->spec, slot->name, slot->ctx, slot->memory, &error);
    if (slot->device == NULL) {
        log_error("vmm", "%s", error.text);
        making->result = -EINVAL;
    } else {
        making->result = s->transport == VIRTIO_OVER_PCI ? connect_pci(s, slot)
                                                         : connect_mmio(s, slot, making->index);
    }
}

static int start_thread(struct virtio_slots *s, struct virtio_slot *slot)
{
    int r;

    slot->memory = guestmem_new();
    r = machine_add_memory(s->machine, slot->memory);
    if (r == 0)
        slot->thread = iothread_create(slot->name, NULL);
    if (slot->thread == NULL) {
        guestmem_free(slot->memory);
        return r < 0 ? r : -EAGAIN;     /* logged */
    }
    slot->ctx = iothread_get_aio_context(slot->thread);
    return 0;
}

int virtio_slots_add(struct virtio_slots *s, const struct device_spec *spec)
{
    struct slot_making making = {.slots = s, .slot = &s->slot[s->used], .index = s->used,
                                 .spec = spec};
    size_t room = s->transport == VIRTIO_OVER_MMIO ? VIRTIO_SLOTS_MMIO : VIRTIO_SLOTS_MAX;
    struct virtio_slot *slot = making.slot;

    if (s->used >= room) {
        log_error("vmm", "no more than %zu devices on this transport: no room for '%s'", room,
                  spec->class->name);
        return -EINVAL;
    }
    snprintf(slot->name, sizeof slot->name, "%s%zu", spec->class->name, s->used);
    slot->ctx = s->ctx;
    slot->memory = s->machine->memory;
    if (s->iothreads && start_thread(s, slot) < 0)
        return -EAGAIN;
    s->used++;
    loop_call_sync(slot->ctx, make_in_loop, &making);
    return making.result;
}

void virtio_slots_describe(const struct virtio_slots *s, struct acpi_config *acpi)
{
    acpi->pci = s->transport == VIRTIO_OVER_PCI;
    acpi->virtio = s->acpi;
    acpi->n_virtio = s->transport == VIRTIO_OVER_MMIO ? s->used : 0;
}

static uint64_t kick_exits(const struct virtio_slot *slot)
{
    return slot->pci != NULL ? virtio_pci_kick_exits(slot->pci) : virtio_mmio_kick_exits(slot->mmio);
}

static void free_in_loop(void *opaque)
{
    struct virtio_slot *slot = opaque;

    if (slot->device == NULL)
        return;
    if (slot->pci != NULL || slot->mmio != NULL)
        log_debug("vmm", "%s: %llu kicks left the guest", slot->name,
                  (unsigned long long)kick_exits(slot));
    virtio_reset(slot->device);
    if (slot->pci != NULL)
        virtio_pci_free(slot->pci);
    if (slot->mmio != NULL)
        virtio_mmio_free(slot->mmio);
    virtio_device_free(slot->device);
}

static void free_slot(struct virtio_slot *slot)
{
    loop_call_sync(slot->ctx, free_in_loop, slot);
    if (slot->thread != NULL) {
        iothread_destroy(slot->thread);
        guestmem_free(slot->memory);
    }
}

void virtio_slots_free(struct virtio_slots *s)
{
    while (s->used > 0)
        free_slot(&s->slot[--s->used]);
    if (s->transport == VIRTIO_OVER_PCI)
        pci_host_free(&s->pci);
}
