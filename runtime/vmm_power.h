/*
 * vmm_power.h - asks the guest to power down, and ends the machine when it does not.
 *
 * The request is a press of the ACPI power button, which the guest's system may act on or not. A
 * freestanding program has no ACPI, so it is ended at once, as is a guest that is asked twice.
 *
 * Threads: the loop thread.
 */
#ifndef CPC_VMM_POWER_H
#define CPC_VMM_POWER_H

#include <stdbool.h>

#include "kvm.h"
#include "loop.h"
#include "machine.h"

struct vmm_power {
    struct kvm *kvm;
    struct machine *machine;
    struct loop_timer force;
    bool has_button;            /* the guest was told of one */
    bool asked;
    int signal;                 /* what the machine ends with when it is forced */
};

void vmm_power_init(struct vmm_power *power, struct kvm *kvm, struct machine *machine,
                    AioContext *ctx, int signal_number);
void vmm_power_free(struct vmm_power *power);

/* The machine ends by itself, or MACHINE_SIGNAL ends it `grace_ms` later. */
void vmm_power_down(struct vmm_power *power, unsigned grace_ms);

#endif
