/*
 * kvm.h - the ioctls of /dev/kvm, and nothing else.
 *
 * Every function that fails has already logged one sentence that names the ioctl and what to do
 * about it, and returns -errno; a caller only passes the failure on. Nothing here knows a guest, a
 * device or a memory layout. Rejected: returning bare errno values to be worded by callers (the
 * sentence would have to be written at each call, and "Invalid argument" helps nobody).
 *
 * Threads: a struct kvm changes only before the first vCPU thread starts, save for the ioctls on
 * its descriptors, which the kernel serialises. A struct kvm_vcpu belongs to the thread that runs
 * it; other threads may only set run->immediate_exit.
 */
#ifndef CPC_KVM_H
#define CPC_KVM_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KVM_CPUID_MAX = 256 };

struct kvm {
    int fd;             /* /dev/kvm, or -1 */
    int vm;             /* the virtual machine, or -1 */
    size_t run_size;    /* bytes to map of a vCPU's descriptor */
    bool any_length;    /* an ioeventfd need not say how wide the write is */
};

struct kvm_vcpu {
    int fd;
    unsigned index;
    struct kvm_run *run;    /* shared with the kernel */
    size_t run_size;
};

/* A CPUID table, `table.entries`, with room for KVM_CPUID_MAX leaves. */
union kvm_cpuid_room {
    struct kvm_cpuid2 table;
    char room[sizeof(struct kvm_cpuid2) + KVM_CPUID_MAX * sizeof(struct kvm_cpuid_entry2)];
};

/*
 * Opens /dev/kvm, checks its version and the capabilities the VMM cannot do without, and creates a
 * virtual machine without memory and interrupt controllers. On failure nothing is left open.
 */
int kvm_open(struct kvm *kvm);

/*
 * Closes what kvm_open opened; the vCPUs and the guest's memory slots must not be in use any more.
 */
void kvm_close(struct kvm *kvm);

/* Makes `size` bytes at `hva` the guest's memory at `gpa`. All three are multiples of a page. */
int kvm_set_memory(struct kvm *kvm, unsigned slot, uint64_t gpa, uint64_t size, void *hva);

/* PIC, IO-APIC (24 lines) and a local APIC per vCPU, in the kernel. Before any vCPU is created. */
int kvm_create_irqchip(struct kvm *kvm);

/* Sets the level of line `gsi`. May be called in any thread. */
int kvm_set_irq_line(struct kvm *kvm, unsigned gsi, bool level);

/* Each write to the eventfd `fd` becomes an edge on `gsi`, without a way through user space. */
int kvm_add_irqfd(struct kvm *kvm, int fd, unsigned gsi);

/*
 * A 4-byte guest write of `value` at the MMIO address `gpa` signals the eventfd `fd` instead of
 * leaving to user space. -ENOSPC and -EINVAL are not logged: the caller falls back on the exit.
 */
int kvm_add_ioeventfd(struct kvm *kvm, int fd, uint64_t gpa, uint32_t value);

/* Whether this KVM has the capability KVM_CAP_...; nothing is logged. */
bool kvm_has(const struct kvm *kvm, int capability);

/*
 * The same for any value, and any width where this KVM can do that, else 2 bytes. Takes it away
 * again when `remove`. No failure is logged: without it the write is an exit. Any thread.
 */
int kvm_set_kick(struct kvm *kvm, int fd, uint64_t gpa, bool remove);

/*
 * Replaces the whole table of interrupt routes. -errno is not logged: what a guest programs may be
 * impossible. Any thread.
 */
int kvm_set_routes(struct kvm *kvm, struct kvm_irq_routing *table);

/* What this host can give a guest in CPUID. */
int kvm_supported_cpuid(struct kvm *kvm, union kvm_cpuid_room *cpuid);

/*
 * Creates vCPU `index` and maps its run structure; closed by kvm_vcpu_close, which takes a zeroed
 * one.
 */
int kvm_vcpu_open(struct kvm *kvm, unsigned index, struct kvm_vcpu *vcpu);
void kvm_vcpu_close(struct kvm_vcpu *vcpu);

/* One ioctl on a vCPU; `name` is the ioctl's, for the sentence. */
int kvm_vcpu_ioctl(struct kvm_vcpu *vcpu, unsigned long request, const char *name, void *argument);

/*
 * Tells a guest with kvm-clock that it was stopped, so that its watchdogs do not bark. Guests
 * without one are not told.
 */
void kvm_vcpu_resumed(struct kvm_vcpu *vcpu);

/*
 * Enters the guest until an exit, a signal or run->immediate_exit. 0: run->exit_reason says why;
 * -EINTR: nothing happened.
 */
int kvm_vcpu_run(struct kvm_vcpu *vcpu);

#endif
