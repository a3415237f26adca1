/*
 * probe.c - see probe.h.
 */
#include "probe.h"

#include <errno.h>
#include <string.h>

#include "kvm.h"
#include "log.h"
#include "machine.h"
#include "pc.h"
#include "vcpu.h"

enum {
    PROGRAM_GPA = 0x100000,
    HANDLER_OFFSET = 0x40,
    IDT_GPA = 0x101000,
    IDT_POINTER_GPA = 0x102000,
    BREAKPOINT = 3,
    GATE_PRESENT_INTERRUPT = 0x8e00,
    CODE_SELECTOR = 8,
    ANSWER = 0x6b,
};

/* lidt [0x102000]; int3; mov al, 0x6b; out 0xf4, al; hlt */
static const uint8_t program[] = {
    0x0f, 0x01, 0x1c, 0x25, 0x00, 0x20, 0x10, 0x00, 0xcc, 0xb0, ANSWER, 0xe6, PC_EXIT_PORT, 0xf4,
};
static const uint8_t handler[] = {0x48, 0xcf};      /* iretq */

struct gate {
    uint16_t offset_low, selector, flags, offset_middle;
    uint32_t offset_high, reserved;
};

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

/* The only end here is the answer, which is read from the exit itself. */
static void ignore_end(void *opaque)
{
    (void)opaque;
}

static void write_program(struct machine *m)
{
    const struct table_pointer pointer = {.limit = 16 * sizeof(struct gate) - 1, .base = IDT_GPA};
    const struct gate gate = {
        .offset_low = (PROGRAM_GPA + HANDLER_OFFSET) & 0xffff,
        .offset_middle = (PROGRAM_GPA + HANDLER_OFFSET) >> 16,
        .selector = CODE_SELECTOR,
        .flags = GATE_PRESENT_INTERRUPT,
    };
    char *memory = guestmem_hva(m->map, 0, m->low);

    boot_prepare_flat_64(m);
    memcpy(memory + PROGRAM_GPA, program, sizeof program);
    memcpy(memory + PROGRAM_GPA + HANDLER_OFFSET, handler, sizeof handler);
    memcpy(memory + IDT_GPA + BREAKPOINT * sizeof gate, &gate, sizeof gate);
    memcpy(memory + IDT_POINTER_GPA, &pointer, sizeof pointer);
}

static int run_program(struct kvm_vcpu *vcpu)
{
    const struct kvm_run *run = vcpu->run;
    int r;

    do {
        r = kvm_vcpu_run(vcpu);
    } while (r == -EINTR || (r == 0 && run->exit_reason == KVM_EXIT_INTR));
    if (r < 0)
        return r;
    if (run->exit_reason == KVM_EXIT_IO && run->io.port == PC_EXIT_PORT
        && ((const uint8_t *)run)[run->io.data_offset] == ANSWER)
        return 0;
    log_error(
        "vmm",
        "this /dev/kvm cannot run Linux: a breakpoint exception in 64-bit mode ends in KVM exit %u "
        "(a KVM in software, without VMX or SVM); boot the guest with --accel uml or tcg",
        run->exit_reason);
    return -ENOTSUP;
}

static int probe_vm(struct kvm *kvm)
{
    const struct boot_entry entry = {.mode = BOOT_FLAT_64, .rip = PROGRAM_GPA};
    const struct machine_config size = {.mib = MACHINE_MIN_MIB};
    struct vcpu vcpu = {.started = false};
    struct machine machine;
    int r = machine_init(&machine, &size, ignore_end, NULL);

    if (r < 0) {
        kvm_close(kvm);
        return r;
    }
    write_program(&machine);
    r = kvm_set_memory(kvm, 0, 0, machine.low, machine.base);
    if (r == 0)
        r = kvm_create_irqchip(kvm);
    if (r == 0)
        r = vcpu_open(&vcpu, kvm, &machine, 0, 1, &entry);
    if (r == 0)
        r = run_program(&vcpu.kvm);
    vcpu_close(&vcpu);
    kvm_close(kvm);
    machine_free(&machine);
    return r;
}

int probe_linux(void)
{
    struct kvm kvm;
    int r = kvm_open(&kvm);

    return r < 0 ? r : probe_vm(&kvm);
}
