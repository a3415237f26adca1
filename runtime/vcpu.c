/*
 * vcpu.c - see vcpu.h: the run loop and the exits.
 */
#include "vcpu.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "sandbox.h"
#include "trace_events.h"

enum { KICK_SIGNAL = SIGUSR1 };

/* One exit may be of a string instruction: `count` accesses of the same port. */
static void answer_port(struct vcpu *v)
{
    struct kvm_run *run = v->kvm.run;
    uint8_t *data = (uint8_t *)run + run->io.data_offset;
    bool is_write = run->io.direction == KVM_EXIT_IO_OUT;

    trace_vcpu_port(v->kvm.index, run->io.port, is_write, run->io.size);
    for (uint32_t i = 0; i < run->io.count; i++)
        machine_port(v->machine, run->io.port, is_write, data + (size_t)i * run->io.size,
                     run->io.size);
}

static void end_by_system_event(struct vcpu *v)
{
    switch (v->kvm.run->system_event.type) {
    case KVM_SYSTEM_EVENT_SHUTDOWN:
        machine_end(v->machine, MACHINE_POWEROFF, 0);
        break;
    case KVM_SYSTEM_EVENT_RESET:
        machine_end(v->machine, MACHINE_REBOOT, 0);
        break;
    case KVM_SYSTEM_EVENT_CRASH:
        machine_end(v->machine, MACHINE_PANIC, 0);
        break;
    default:
        log_error("vmm", "vCPU %u: system event %u, which the VMM does not know", v->kvm.index,
                  v->kvm.run->system_event.type);
        machine_end(v->machine, MACHINE_FAILED, 0);
        break;
    }
}

static void end_by_internal_error(struct vcpu *v)
{
    if (v->kvm.run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION)
        log_error("vmm",
                  "vCPU %u: KVM cannot emulate an instruction of the guest; a guest like this one "
                  "needs a KVM on hardware virtualisation",
                  v->kvm.index);
    else
        log_error("vmm", "vCPU %u: KVM gave up the guest (KVM_EXIT_INTERNAL_ERROR, suberror %u)",
                  v->kvm.index, v->kvm.run->internal.suberror);
    vcpu_dump(&v->kvm, v->machine);
    machine_end(v->machine, MACHINE_FAILED, 0);
}

static void end_by_unknown(struct vcpu *v)
{
    const struct kvm_run *run = v->kvm.run;

    if (run->exit_reason == KVM_EXIT_FAIL_ENTRY)
        log_error("vmm", "vCPU %u: the CPU refused to enter the guest, reason 0x%llx", v->kvm.index,
                  (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
    else if (run->exit_reason == KVM_EXIT_HLT)
        log_error("vmm", "vCPU %u halted outside KVM's interrupt controller: nothing can wake it",
                  v->kvm.index);
    else
        log_error("vmm", "vCPU %u: KVM exit %u, which the VMM does not know", v->kvm.index,
                  run->exit_reason);
    vcpu_dump(&v->kvm, v->machine);
    machine_end(v->machine, MACHINE_FAILED, 0);
}

static void answer_exit(struct vcpu *v)
{
    struct kvm_run *run = v->kvm.run;

    trace_vcpu_exit(v->kvm.index, run->exit_reason);
    switch (run->exit_reason) {
    case KVM_EXIT_IO:
        answer_port(v);
        break;
    case KVM_EXIT_MMIO:
        trace_vcpu_mmio(v->kvm.index, run->mmio.phys_addr, run->mmio.is_write, run->mmio.len);
        machine_mmio(v->machine, run->mmio.phys_addr, run->mmio.is_write, run->mmio.data,
                     run->mmio.len);
        break;
    case KVM_EXIT_INTR:
        break;
    case KVM_EXIT_SHUTDOWN:
        machine_end(v->machine, MACHINE_TRIPLE_FAULT, 0);
        break;
    case KVM_EXIT_SYSTEM_EVENT:
        end_by_system_event(v);
        break;
    case KVM_EXIT_INTERNAL_ERROR:
        end_by_internal_error(v);
        break;
    default:
        end_by_unknown(v);
        break;
    }
}

void vcpu_gate_init(struct vcpu_gate *gate)
{
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->changed, NULL);
    gate->closed = false;
    gate->waiting = 0;
}

void vcpu_gate_destroy(struct vcpu_gate *gate)
{
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->lock);
}

void vcpu_gate_set(struct vcpu_gate *gate, bool closed)
{
    pthread_mutex_lock(&gate->lock);
    __atomic_store_n(&gate->closed, closed, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

unsigned vcpu_gate_waiting(struct vcpu_gate *gate)
{
    unsigned waiting;

    pthread_mutex_lock(&gate->lock);
    waiting = gate->waiting;
    pthread_mutex_unlock(&gate->lock);
    return waiting;
}

/*
 * Waits while the gate is closed. The kick that led here is forgotten before the machine's end and
 * the gate are looked at again, so a kick that comes meanwhile is not.
 */
static void pass_gate(struct vcpu *v)
{
    struct vcpu_gate *gate = v->gate;

    if (!__atomic_load_n(&gate->closed, __ATOMIC_ACQUIRE))
        return;
    pthread_mutex_lock(&gate->lock);
    gate->waiting++;
    while (gate->closed)
        pthread_cond_wait(&gate->changed, &gate->lock);
    gate->waiting--;
    __atomic_store_n(&v->kvm.run->immediate_exit, 0, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&gate->lock);
    kvm_vcpu_resumed(&v->kvm);
}

static void *run_vcpu(void *arg)
{
    struct vcpu *v = arg;
    char name[16];

    snprintf(name, sizeof name, "vcpu %u", v->kvm.index);
    trace_thread(name);
    if (sandbox_enter_vcpu() < 0)
        machine_end(v->machine, MACHINE_FAILED, 0);
    for (;;) {
        int r;

        pass_gate(v);
        if (machine_ended(v->machine) != MACHINE_RUNNING)
            break;
        r = kvm_vcpu_run(&v->kvm);
        __atomic_store_n(&v->exits, v->exits + 1, __ATOMIC_RELAXED);   /* no other thread writes */
        if (r == 0)
            answer_exit(v);
        else if (r != -EINTR)
            machine_end(v->machine, MACHINE_FAILED, 0);
    }
    v->stopped(v->opaque);
    return NULL;
}

/* The kick only has to interrupt KVM_RUN. */
static void ignore_kick(int signal)
{
    (void)signal;
}

int vcpu_open(struct vcpu *v, struct kvm *kvm, struct machine *machine, unsigned index,
              unsigned cpus, const struct boot_entry *entry)
{
    int r;

    memset(v, 0, sizeof *v);
    v->machine = machine;
    r = kvm_vcpu_open(kvm, index, &v->kvm);
    if (r == 0)
        r = vcpu_init_state(&v->kvm, kvm, cpus, entry);
    return r;
}

int vcpu_start(struct vcpu *v, struct vcpu_gate *gate, void (*stopped)(void *opaque), void *opaque)
{
    struct sigaction action = {.sa_handler = ignore_kick};
    int r;

    sigaction(KICK_SIGNAL, &action, NULL);
    v->gate = gate;
    v->stopped = stopped;
    v->opaque = opaque;
    r = pthread_create(&v->thread, NULL, run_vcpu, v);
    if (r != 0) {
        log_error("vmm", "cannot start the thread of vCPU %u: %s", v->kvm.index, strerror(r));
        return -r;
    }
    v->started = true;
    return 0;
}

void vcpu_kick(struct vcpu *v)
{
    if (!v->started)
        return;
    __atomic_store_n(&v->kvm.run->immediate_exit, 1, __ATOMIC_RELEASE);
    pthread_kill(v->thread, KICK_SIGNAL);
}

void vcpu_close(struct vcpu *v)
{
    if (v->started)
        pthread_join(v->thread, NULL);
    v->started = false;
    kvm_vcpu_close(&v->kvm);
}
