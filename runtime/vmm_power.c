/*
 * vmm_power.c - see vmm_power.h.
 */
#include "vmm_power.h"

#include "acpi.h"
#include "log.h"

static void end_now(struct vmm_power *p)
{
    machine_end(p->machine, MACHINE_SIGNAL, p->signal);
}

static void force(void *opaque)
{
    log_warn("vmm", "the guest did not power down in time and is ended");
    end_now(opaque);
}

void vmm_power_init(struct vmm_power *p, struct kvm *kvm, struct machine *machine, AioContext *ctx,
                    int signal_number)
{
    *p = (struct vmm_power){.kvm = kvm, .machine = machine, .signal = signal_number};
    loop_timer_init(&p->force, ctx, force, p);
}

void vmm_power_free(struct vmm_power *p)
{
    loop_timer_cancel(&p->force);
}

void vmm_power_down(struct vmm_power *p, unsigned grace_ms)
{
    bool again = p->asked;

    p->asked = true;
    if (again || !p->has_button || grace_ms == 0) {
        end_now(p);
        return;
    }
    log_info("vmm", "asking the guest to power down");
    kvm_set_irq_line(p->kvm, ACPI_BUTTON_GSI, true);    /* an edge */
    kvm_set_irq_line(p->kvm, ACPI_BUTTON_GSI, false);
    loop_timer_set(&p->force, loop_now_ns() + (int64_t)grace_ms * 1000000);
}
