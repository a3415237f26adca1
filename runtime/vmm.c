/*
 * vmm.c - `vmm run`: options -> machine -> devices -> kernel -> vCPUs -> loop -> exit status.
 *
 * The main thread is the loop thread; each vCPU has a thread. The end comes from a vCPU (the guest
 * asked for it, or KVM failed) or from the loop (a signal, the user): the first one wins and stops
 * the loop. Then the vCPUs are kicked, and the loop still turns until all have left, because one
 * may be waiting for a register access to be answered.
 */
#include "vmm.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "acpi.h"
#include "boot.h"
#include "log.h"
#include "probe.h"
#include "sandbox.h"
#include "trace.h"
#include "vmm_impl.h"

static const char LINUX_ARGUMENTS[] = "console=ttyS0 panic=-1";

static void on_end(void *opaque)
{
    struct vmm *vmm = opaque;

    loop_stop(vmm->ctx);
}

static void on_vcpu_stopped(void *opaque)
{
    struct vmm *vmm = opaque;
    AioContext *ctx = vmm->ctx;

    __atomic_sub_fetch(&vmm->running, 1, __ATOMIC_RELEASE);
    aio_notify(ctx);
}

static void on_signal(void *opaque)
{
    struct vmm *vmm = opaque;
    struct signalfd_siginfo info;

    if (read(vmm->signal_fd, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGTERM) {
        vcpu_gate_set(&vmm->gate, false);       /* a paused guest could not power down */
        vmm_power_down(&vmm->power, vmm->grace_ms);
    } else {
        machine_end(&vmm->machine, MACHINE_SIGNAL, (int)info.ssi_signo);
    }
}

/* These signals become events of the loop; threads started later inherit the mask. */
static int watch_signals(struct vmm *vmm)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGQUIT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    vmm->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (vmm->signal_fd < 0 || aio_set_fd_handler(vmm->ctx, vmm->signal_fd, on_signal, vmm) < 0) {
        log_error("vmm", "cannot watch signals: %s", strerror(errno));
        return -errno;
    }
    return 0;
}

static int add_memory(struct vmm *vmm)
{
    struct machine *m = &vmm->machine;
    int r = kvm_set_memory(&vmm->kvm, 0, 0, m->low, m->base);

    if (r == 0 && m->high > 0)
        r = kvm_set_memory(&vmm->kvm, 1, MACHINE_HOLE_END, m->high, (char *)m->base + m->low);
    return r;
}

static int add_devices(struct vmm *vmm, const struct vmm_options *options)
{
    int r = 0;

    for (size_t i = 0; i < options->n_devices && r == 0; i++)
        r = virtio_slots_add(&vmm->slots, &options->device[i]);
    return r;
}

/* Everything but the vCPUs: memory, interrupt controllers, ports, devices. */
static int build_machine(struct vmm *vmm, const struct vmm_options *options)
{
    int r = add_memory(vmm);

    if (r == 0)
        r = kvm_create_irqchip(&vmm->kvm);
    if (r == 0)
        r = pc_init(&vmm->pc, &vmm->machine);
    if (r == 0)
        r = virtio_slots_init(&vmm->slots, &vmm->machine, &vmm->kvm, vmm->ctx, options->transport,
                              options->iothreads);
    if (r == 0)
        r = add_devices(vmm, options);
    if (r == 0 && options->control != NULL) {
        vmm->control = control_new(vmm->ctx, options->control, vmm_control, vmm);
        r = vmm->control != NULL ? 0 : -EIO;
    }
    if (r < 0)
        return r;
    vmm->console = console_new(&vmm->machine, &vmm->kvm, vmm->ctx);
    return vmm->console != NULL ? 0 : -ENOMEM;
}

static int load_kernel(struct vmm *vmm, const struct vmm_options *options, struct boot_entry *entry)
{
    struct acpi_config acpi = {.cpus = options->cpus};
    const struct boot_config config = {
        .kernel = options->kernel,
        .initrd = options->initrd,
        .linux_arguments = LINUX_ARGUMENTS,
        .command_line = options->append,
        .flat = options->flat,
    };
    int r = boot_load(&vmm->machine, &config, entry);

    virtio_slots_describe(&vmm->slots, &acpi);
    vmm->power.has_button = r == 0 && entry->mode == BOOT_PVH;
    if (r == 0 && entry->mode == BOOT_PVH)
        r = probe_linux();
    if (r == 0)
        r = acpi_write(vmm->machine.map, &acpi);
    return r;
}

static int open_vcpus(struct vmm *vmm, unsigned cpus, const struct boot_entry *entry)
{
    vmm->vcpu = calloc(cpus, sizeof *vmm->vcpu);
    if (vmm->vcpu == NULL)
        return -ENOMEM;
    while (vmm->cpus < cpus) {
        unsigned index = vmm->cpus++;
        int r = vcpu_open(&vmm->vcpu[index], &vmm->kvm, &vmm->machine, index, cpus, entry);

        if (r < 0)
            return r;
    }
    return 0;
}

static void start_vcpus(struct vmm *vmm)
{
    vmm->started_ns = loop_now_ns();
    vmm_event("boot", json_pack("{s:i, s:I}", "cpus", (int)vmm->cpus, "memory_mib",
                                (json_int_t)(vmm->machine.size >> 20)));
    for (unsigned i = 0; i < vmm->cpus; i++) {
        __atomic_add_fetch(&vmm->running, 1, __ATOMIC_RELAXED);
        if (vcpu_start(&vmm->vcpu[i], &vmm->gate, on_vcpu_stopped, vmm) < 0) {
            on_vcpu_stopped(vmm);
            machine_end(&vmm->machine, MACHINE_FAILED, 0);
        }
    }
}

static void close_vcpus(struct vmm *vmm)
{
    vcpu_gate_set(&vmm->gate, false);
    for (unsigned i = 0; i < vmm->cpus; i++)
        vcpu_kick(&vmm->vcpu[i]);
    while (__atomic_load_n(&vmm->running, __ATOMIC_ACQUIRE) > 0)
        aio_poll(vmm->ctx, true);
    for (unsigned i = 0; i < vmm->cpus; i++)
        vcpu_close(&vmm->vcpu[i]);
    free(vmm->vcpu);
}

/* Builds, runs and takes apart. The machine is there already. */
static int run_machine(struct vmm *vmm, const struct vmm_options *options)
{
    struct boot_entry entry;
    int status = VMM_ERROR, r = build_machine(vmm, options);

    if (r == 0)
        r = load_kernel(vmm, options, &entry);
    if (r == 0)
        r = open_vcpus(vmm, options->cpus, &entry);
    if (r == 0 && !options->no_sandbox)
        r = sandbox_enter();
    if (r == 0) {
        start_vcpus(vmm);
        loop_run(vmm->ctx);
    }
    control_free(vmm->control);
    vmm_power_free(&vmm->power);
    close_vcpus(vmm);
    if (r == 0)
        status = vmm_end_status(&vmm->machine, console_messages(vmm->console));
    console_free(vmm->console);
    virtio_slots_free(&vmm->slots);
    return status;
}

static int run_on_loop(struct vmm *vmm, const struct vmm_options *options)
{
    int status = VMM_ERROR;

    if (watch_signals(vmm) < 0 || kvm_open(&vmm->kvm) < 0)
        return status;
    if (machine_init(&vmm->machine, &options->memory, on_end, vmm) == 0) {
        vmm_power_init(&vmm->power, &vmm->kvm, &vmm->machine, vmm->ctx, SIGTERM);
        status = run_machine(vmm, options);
    }
    kvm_close(&vmm->kvm);
    machine_free(&vmm->machine);
    return status;
}

static int run_vmm(const struct vmm_options *options)
{
    struct vmm vmm = {.signal_fd = -1, .grace_ms = options->grace_ms};
    int status, r = loop_new(&vmm.ctx);

    if (r < 0) {
        log_error("vmm", "cannot make an event loop: %s", strerror(-r));
        return VMM_ERROR;
    }
    loop_attach(vmm.ctx);
    vcpu_gate_init(&vmm.gate);
    status = VMM_ERROR;
    if (options->trace == NULL || trace_start(options->trace) == 0)
        status = run_on_loop(&vmm, options);
    if (!trace_finish())
        status = VMM_ERROR;
    if (vmm.started_ns == 0)
        vmm_event("end", json_pack("{s:s, s:i}", "reason", "error", "status", status));
    if (vmm.signal_fd >= 0) {
        aio_set_fd_handler(vmm.ctx, vmm.signal_fd, NULL, NULL);
        close(vmm.signal_fd);
    }
    vcpu_gate_destroy(&vmm.gate);
    loop_free(vmm.ctx);
    return status;
}

int vmm_run_main(int argc, char **argv)
{
    struct vmm_options options;
    int r = vmm_options_parse(&options, argc, argv);
    int status = VMM_USAGE;

    if (options.json)
        log_use_json();
    if (r == 0)
        status = run_vmm(&options);
    else if (r > 0)
        status = VMM_POWEROFF;
    vmm_options_free(&options);
    return status;
}

int vmm_probe_main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "usage: vmm %s\nExit status 0: /dev/kvm can run Linux; else stderr says "
                "why it cannot.\n", argv[0]);
        return VMM_USAGE;
    }
    return probe_linux() < 0 ? VMM_ERROR : 0;
}
