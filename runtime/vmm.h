/*
 * vmm.h - the commands `vmm run` and `vmm probe`.
 *
 * Exit status of `vmm run`: how the guest ended, so that a script can tell.
 */
#ifndef CPC_VMM_H
#define CPC_VMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device_spec.h"
#include "kernel_messages.h"
#include "machine.h"
#include "virtio_slots.h"

enum {
    VMM_POWEROFF = 0,
    VMM_ERROR = 1,          /* of the VMM, of KVM, or of what was given: one sentence says it */
    VMM_USAGE = 2,
    VMM_REBOOT = 3,
    VMM_PANIC = 4,          /* the guest's kernel said so, by pvpanic or on the console */
    VMM_TRIPLE_FAULT = 5,
    VMM_GUEST_EXIT = 64,    /* plus 1 to 63: a freestanding guest's own status; 0 is VMM_POWEROFF */
    VMM_SIGNAL = 128,       /* plus the signal that ended the VMM */
};

struct vmm_options {
    const char *kernel, *initrd, *append;
    const char *trace;          /* path of the trace, or NULL */
    const char *control;        /* path of the control socket, or NULL */
    unsigned grace_ms;          /* for the guest to power down after SIGTERM */
    bool no_sandbox;
    bool json;                  /* the log is JSON */
    struct machine_config memory;
    unsigned cpus;
    bool flat;
    enum virtio_transport_kind transport;
    bool iothreads;
    struct device_spec device[VIRTIO_SLOTS_MAX];
    size_t n_devices;
};

/* argv[0] is the command's name. They return the exit status. */
int vmm_run_main(int argc, char **argv);
int vmm_probe_main(int argc, char **argv);

/* vmm_end.c: says how the machine ended, with a hint if there is one, and gives the exit status. */
int vmm_end_status(const struct machine *machine, const struct kernel_messages *messages);

/*
 * vmm_options.c: reads the command line of `vmm run`. 0: go on; 1: help was printed; -EINVAL: wrong
 * use, said on stderr. vmm_options_free in any case.
 */
int vmm_options_parse(struct vmm_options *options, int argc, char **argv);
void vmm_options_free(struct vmm_options *options);

#endif
