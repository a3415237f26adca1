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

    if (a->offset == VIRTIO_MMIO_NOTIFY)
        a->slot->kick_exits++;
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

static int connect_slot(struct virtio_slots *s, struct virtio_slot *slot,
                        const struct acpi_virtio *where)
{
    struct machine_range window = {
        .base = where->gpa,
        .size = where->size,
        .read = read_register,
        .write = write_register,
        .opaque = slot,
    };
    int r = machine_add_mmio(s->machine, &window);

    if (r < 0) {
        log_error("vmm", "no place for a device at 0x%x: %s", where->gpa, strerror(-r));
        return r;
    }
    r = kvm_add_irqfd(s->kvm, virtio_mmio_irq_fd(slot->mmio), where->gsi);
    if (r == 0)
        r = add_ioeventfds(s, slot, where->gpa);
    return r;
}

void virtio_slots_init(struct virtio_slots *s, struct machine *machine, struct kvm *kvm,
                       AioContext *ctx)
{
    memset(s, 0, sizeof *s);
    s->machine = machine;
    s->kvm = kvm;
    s->ctx = ctx;
}

int virtio_slots_add(struct virtio_slots *s, const struct device_spec *spec)
{
    size_t index = s->used;
    struct virtio_slot *slot = &s->slot[index];
    struct acpi_virtio *where = &s->acpi[index];
    struct virtio_error error = {.text = ""};

    if (index == VIRTIO_SLOTS_MAX) {
        log_error("vmm", "too many devices: no room for '%s'", spec->class->name);
        return -EINVAL;
    }
    snprintf(slot->name, sizeof slot->name, "%s%zu", spec->class->name, index);
    slot->ctx = s->ctx;
    slot->device = virtio_device_new(spec->class, slot->name, s->ctx, s->machine->memory,
                                     spec->n_queues, &spec->values, &error);
    if (slot->device == NULL) {
        log_error("vmm", "%s", error.text);
        return -EINVAL;
    }
    slot->mmio = virtio_mmio_new(slot->device, NULL, NULL);
    where->gpa = (uint32_t)(FIRST_GPA + index * VIRTIO_MMIO_WINDOW);
    where->size = VIRTIO_MMIO_WINDOW;
    where->gsi = VIRTIO_SLOTS_GSI + (uint32_t)index;
    s->used++;
    return connect_slot(s, slot, where);
}

void virtio_slots_free(struct virtio_slots *s)
{
    while (s->used > 0) {
        struct virtio_slot *slot = &s->slot[--s->used];

        log_debug("vmm", "%s: %llu kicks left the guest", slot->name,
                  (unsigned long long)slot->kick_exits);
        virtio_reset(slot->device);
        virtio_mmio_free(slot->mmio);
        virtio_device_free(slot->device);
    }
}
