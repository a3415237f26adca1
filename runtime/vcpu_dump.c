/*
 * vcpu_dump.c - what a vCPU was doing, for the log.
 */
#include "vcpu.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

enum { INSTRUCTION_MAX = 15 };

static void log_general(const struct kvm_regs *r)
{
    log_error("vmm", "rip=%016llx rflags=%08llx rsp=%016llx rbp=%016llx", r->rip, r->rflags, r->rsp,
              r->rbp);
    log_error("vmm", "rax=%016llx rbx=%016llx rcx=%016llx rdx=%016llx", r->rax, r->rbx, r->rcx,
              r->rdx);
    log_error("vmm", "rsi=%016llx rdi=%016llx r8=%016llx r9=%016llx", r->rsi, r->rdi, r->r8, r->r9);
    log_error("vmm", "r10=%016llx r11=%016llx r12=%016llx r13=%016llx", r->r10, r->r11, r->r12,
              r->r13);
    log_error("vmm", "r14=%016llx r15=%016llx", r->r14, r->r15);
}

static void log_special(const struct kvm_sregs *s)
{
    log_error("vmm", "cr0=%08llx cr2=%016llx cr3=%016llx cr4=%08llx efer=%04llx cs=%04x ss=%04x",
              s->cr0, s->cr2, s->cr3, s->cr4, s->efer, s->cs.selector, s->ss.selector);
}

static void log_bytes(const uint8_t *bytes, size_t size)
{
    char text[3 * INSTRUCTION_MAX + 1] = "";

    for (size_t i = 0; i < size && i < INSTRUCTION_MAX; i++)
        snprintf(text + 3 * i, 4, "%02x ", bytes[i]);
    log_error("vmm", "the instruction's bytes: %s", text);
}

/* The bytes at cs:rip, if that is mapped and RAM. */
static void log_bytes_in_memory(struct kvm_vcpu *vcpu, const struct machine *m, uint64_t linear)
{
    struct kvm_translation translation = {.linear_address = linear};
    const uint8_t *hva;

    if (kvm_vcpu_ioctl(vcpu, KVM_TRANSLATE, "KVM_TRANSLATE", &translation) < 0
        || !translation.valid)
        return;
    for (size_t size = INSTRUCTION_MAX; size > 0; size--) {
        hva = guestmem_hva(m->map, translation.physical_address, size);
        if (hva != NULL) {
            log_bytes(hva, size);
            return;
        }
    }
}

void vcpu_dump(struct kvm_vcpu *vcpu, const struct machine *m)
{
    const struct kvm_run *run = vcpu->run;
    struct kvm_regs regs;
    struct kvm_sregs sregs;

    if (kvm_vcpu_ioctl(vcpu, KVM_GET_REGS, "KVM_GET_REGS", &regs) < 0
        || kvm_vcpu_ioctl(vcpu, KVM_GET_SREGS, "KVM_GET_SREGS", &sregs) < 0)
        return;
    log_general(&regs);
    log_special(&sregs);
    if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR
        && run->emulation_failure.suberror == KVM_INTERNAL_ERROR_EMULATION
        && run->emulation_failure.ndata >= 3
        && (run->emulation_failure.flags & KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES))
        log_bytes(run->emulation_failure.insn_bytes, run->emulation_failure.insn_size);
    else
        log_bytes_in_memory(vcpu, m, sregs.cs.base + regs.rip);
}
