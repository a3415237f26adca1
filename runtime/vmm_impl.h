/*
 * vmm_impl.h - a running VMM: vmm.c builds it, vmm_control.c commands it.
 *
 * Threads: the loop thread, but for `running`.
 */
#ifndef CPC_VMM_IMPL_H
#define CPC_VMM_IMPL_H

#include "console.h"
#include "control.h"
#include "kvm.h"
#include "machine.h"
#include "pc.h"
#include "vcpu.h"
#include "virtio_slots.h"
#include "vmm.h"
#include "vmm_power.h"

struct vmm {
    AioContext *ctx;
    struct kvm kvm;
    struct machine machine;
    struct pc pc;
    struct console *console;
    struct virtio_slots slots;
    struct vcpu_gate gate;
    struct vcpu *vcpu;
    unsigned cpus;
    unsigned running;           /* vCPU threads; accessed with __atomic builtins */
    struct vmm_power power;
    struct control *control;    /* NULL: none was asked for */
    unsigned grace_ms;          /* of SIGTERM and powerdown */
    int64_t started_ns;         /* when the vCPUs began; 0: not yet */
    int signal_fd;
};

/*
 * vmm_end.c: logs an event with the members of an object, which it takes over; NULL (no memory) logs
 * nothing.
 */
void vmm_event(const char *event, json_t *members);

/* vmm_control.c: answers the commands of control.h; `opaque` is the struct vmm. */
json_t *vmm_control(void *opaque, const char *command, const json_t *request, const char **error);

#endif
