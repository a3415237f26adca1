/*
 * vcpu.h - virtual CPUs: their first state, and a thread each that runs one.
 *
 * The thread enters the guest and answers its exits through the machine's ranges until the machine
 * has ended; an exit that nobody can answer ends it. vcpu_kick makes a thread that is inside the
 * guest look, by KVM's immediate_exit and a signal, so that no kick is lost between the look and
 * the entry.
 *
 * Threads: vcpu_open, vcpu_start, vcpu_kick, vcpu_close in the thread that owns the VMM.
 */
#ifndef CPC_VCPU_H
#define CPC_VCPU_H

#include <pthread.h>
#include <stdbool.h>

#include "boot.h"
#include "kvm.h"
#include "machine.h"

/* Where vCPUs wait while the machine is paused. */
struct vcpu_gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closed;                /* written under the lock, accessed with __atomic builtins */
    unsigned waiting;           /* vCPUs; under the lock */
};

struct vcpu {
    struct kvm_vcpu kvm;
    struct machine *machine;
    struct vcpu_gate *gate;
    pthread_t thread;
    bool started;
    uint64_t exits;             /* to user space; accessed with __atomic builtins */
    void (*stopped)(void *opaque);  /* called in the thread, as the last thing it does */
    void *opaque;
};

/*
 * Creates vCPU `index` of `cpus` and gives it its first state: vCPU 0 starts at `entry`, the others
 * wait for the guest to start them. 0, or -errno logged; a zeroed or opened vCPU is closed by
 * vcpu_close.
 */
int vcpu_open(struct vcpu *vcpu, struct kvm *kvm, struct machine *machine, unsigned index,
              unsigned cpus, const struct boot_entry *entry);

void vcpu_gate_init(struct vcpu_gate *gate);
void vcpu_gate_destroy(struct vcpu_gate *gate);

/* Closed: vCPUs that are kicked or leave the guest stop there. Open: they go on. Any thread. */
void vcpu_gate_set(struct vcpu_gate *gate, bool closed);

/* How many vCPUs wait now. */
unsigned vcpu_gate_waiting(struct vcpu_gate *gate);

/* Starts the thread. 0, or -errno logged. */
int vcpu_start(struct vcpu *vcpu, struct vcpu_gate *gate, void (*stopped)(void *opaque),
               void *opaque);

/* Makes the thread notice that the machine has ended, or that the gate is closed. */
void vcpu_kick(struct vcpu *vcpu);

/* Waits for the thread, which has been kicked, and frees everything. */
void vcpu_close(struct vcpu *vcpu);

/*
 * vcpu_state.c: CPUID, MSRs, FPU, local APIC; for vCPU 0 the registers of `entry`. 0, or -errno
 * logged.
 */
int vcpu_init_state(struct kvm_vcpu *vcpu, struct kvm *kvm, unsigned cpus,
                    const struct boot_entry *entry);

/* vcpu_dump.c: logs the registers, and the bytes of the instruction where they can be found. */
void vcpu_dump(struct kvm_vcpu *vcpu, const struct machine *machine);

#endif
