/*
 * vmm_end.c - what the end of a machine means for the user: a sentence, a hint, an exit status.
 */
#include "vmm_impl.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

void vmm_event(const char *event, json_t *members)
{
    char *text = members != NULL ? json_dumps(members, JSON_COMPACT) : NULL;
    size_t size = text != NULL ? strlen(text) : 0;

    if (size > 2) {
        text[0] = ',';              /* they go on behind the event's name */
        text[size - 1] = '\0';
        log_event(event, text);
    }
    free(text);
    json_decref(members);
}

/* A reset, or a fault in place of one, that a panicking kernel asked for is the panic. */
static enum machine_end real_end(const struct machine *m, const struct kernel_messages *messages)
{
    enum machine_end end = machine_ended(m);

    bool is_reset = end == MACHINE_REBOOT || end == MACHINE_TRIPLE_FAULT;

    return is_reset && kernel_messages_panicked(messages) ? MACHINE_PANIC : end;
}

static int freestanding_status(int status)
{
    if (status == 0)
        return VMM_POWEROFF;
    return VMM_GUEST_EXIT + (status < 63 ? status : 63);
}

static int say_end(enum machine_end end, int status)
{
    switch (end) {
    case MACHINE_POWEROFF:
        return VMM_POWEROFF;
    case MACHINE_REBOOT:
        log_info("vmm", "the guest asked for a reboot");
        return VMM_REBOOT;
    case MACHINE_PANIC:
        log_error("vmm", "the guest's kernel panicked");
        return VMM_PANIC;
    case MACHINE_TRIPLE_FAULT:
        log_error("vmm", "the guest died of a triple fault");
        return VMM_TRIPLE_FAULT;
    case MACHINE_EXIT:
        return freestanding_status(status);
    case MACHINE_SIGNAL:
        log_info("vmm", "ended by signal %d (%s)", status, strsignal(status));
        return VMM_SIGNAL + status;
    default:
        return VMM_ERROR;
    }
}

static const char *const names[] = {
    [MACHINE_RUNNING] = "error",
    [MACHINE_POWEROFF] = "poweroff",
    [MACHINE_REBOOT] = "reboot",
    [MACHINE_PANIC] = "panic",
    [MACHINE_TRIPLE_FAULT] = "triple-fault",
    [MACHINE_EXIT] = "exit",
    [MACHINE_FAILED] = "error",
    [MACHINE_SIGNAL] = "signal",
};

int vmm_end_status(const struct machine *m, const struct kernel_messages *messages)
{
    enum machine_end end = real_end(m, messages);
    int status = say_end(end, m->status);

    vmm_event("end", json_pack("{s:s, s:i, s:s*}", "reason", names[end], "status", status, "hint",
                               status != VMM_POWEROFF ? messages->hint : NULL));
    if (status != VMM_POWEROFF && messages->hint != NULL)
        log_info("vmm", "hint: %s", messages->hint);
    return status;
}
