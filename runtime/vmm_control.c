/*
 * vmm_control.c - the commands of the control socket.
 */
#include <cpc/co_inspect.h>
#include <stdlib.h>
#include <string.h>

#include "vmm_impl.h"

enum { DUMP_MAX = 64 << 10 };       /* what a socket holds without being read */

static const char *state(struct vmm *vmm)
{
    if (vmm->started_ns == 0)
        return "starting";
    if (!__atomic_load_n(&vmm->gate.closed, __ATOMIC_RELAXED))
        return "running";
    return vcpu_gate_waiting(&vmm->gate) == vmm->cpus ? "paused" : "pausing";
}

static json_t *status(struct vmm *vmm)
{
    uint64_t exits = 0;

    for (unsigned i = 0; i < vmm->cpus; i++)
        exits += __atomic_load_n(&vmm->vcpu[i].exits, __ATOMIC_RELAXED);
    return json_pack("{s:s, s:I, s:i, s:I, s:I}", "state", state(vmm), "uptime_ms",
                     (json_int_t)((loop_now_ns() - vmm->started_ns) / 1000000), "cpus",
                     (int)vmm->cpus, "memory_mib", (json_int_t)(vmm->machine.size >> 20), "exits",
                     (json_int_t)exits);
}

static json_t *set_paused(struct vmm *vmm, bool paused)
{
    vcpu_gate_set(&vmm->gate, paused);
    for (unsigned i = 0; paused && i < vmm->cpus; i++)
        vcpu_kick(&vmm->vcpu[i]);
    return json_object();
}

/* A paused guest could not power down: it goes on first. */
static json_t *power_down(struct vmm *vmm, const json_t *request, const char **error)
{
    const json_t *grace = json_object_get(request, "grace_ms");
    json_int_t grace_ms = grace != NULL ? json_integer_value(grace) : vmm->grace_ms;

    if (grace_ms < 0 || grace_ms > 3600 * 1000 || (grace != NULL && !json_is_integer(grace))) {
        *error = "grace_ms is a number of milliseconds up to an hour";
        return NULL;
    }
    set_paused(vmm, false);
    vmm_power_down(&vmm->power, (unsigned)grace_ms);
    return json_object();
}

static json_t *quit(struct vmm *vmm)
{
    machine_end(&vmm->machine, MACHINE_SIGNAL, vmm->power.signal);
    return json_object();
}

/* All coroutines with their logical backtraces, as far as they go into an answer. */
static json_t *coroutines(const char **error)
{
    size_t size = 0;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);
    json_t *result = NULL;

    *error = "no memory";
    if (out == NULL)
        return NULL;
    co_dump(out);
    if (fclose(out) == 0)
        result = json_pack("{s:s#, s:b}", "text", text, (int)(size < DUMP_MAX ? size : DUMP_MAX),
                           "truncated", size > DUMP_MAX);
    free(text);
    return result;
}

json_t *vmm_control(void *opaque, const char *command, const json_t *request, const char **error)
{
    struct vmm *vmm = opaque;

    if (strcmp(command, "status") == 0)
        return status(vmm);
    if (strcmp(command, "pause") == 0)
        return set_paused(vmm, true);
    if (strcmp(command, "resume") == 0)
        return set_paused(vmm, false);
    if (strcmp(command, "powerdown") == 0)
        return power_down(vmm, request, error);
    if (strcmp(command, "quit") == 0)
        return quit(vmm);
    if (strcmp(command, "co") == 0)
        return coroutines(error);
    *error = "there is no such command: status, pause, resume, powerdown, quit, co";
    return NULL;
}
