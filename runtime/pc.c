/*
 * pc.c - see pc.h.
 */
#include "pc.h"

#include <string.h>

#include "acpi.h"
#include "log.h"

enum {
    SLEEP_PORTS = 2,
    SLEEP_ENABLE = 0x20,        /* SLP_EN of the sleep control register */
    PANIC_PANICKED = 1,         /* pvpanic's only event here */
};

static uint64_t read_clock(void *opaque, uint64_t offset, unsigned size)
{
    struct pc *pc = opaque;

    return size == 1 ? cmos_read(&pc->cmos, (unsigned)offset) : UINT64_MAX;
}

static void write_clock(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct pc *pc = opaque;

    if (size == 1)
        cmos_write(&pc->cmos, (unsigned)offset, (uint8_t)value);
}

/* Ports that nobody answers: Linux then sees that there is no keyboard controller. */
static uint64_t read_nothing(void *opaque, uint64_t offset, unsigned size)
{
    (void)opaque;
    (void)offset;
    (void)size;
    return UINT64_MAX;
}

static void write_keyboard(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct pc *pc = opaque;

    (void)offset;
    if (size == 1 && value == PC_KEYBOARD_RESET)
        machine_end(pc->machine, MACHINE_REBOOT, 0);
}

/* Sleep control reads back as nothing pending, sleep status as not woken up. */
static uint64_t read_sleep(void *opaque, uint64_t offset, unsigned size)
{
    (void)opaque;
    (void)offset;
    (void)size;
    return 0;
}

static void write_sleep(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct pc *pc = opaque;

    (void)size;
    if (offset != 0 || !(value & SLEEP_ENABLE))
        return;
    if ((value & 0xff) == ACPI_SLEEP_S5)
        machine_end(pc->machine, MACHINE_POWEROFF, 0);
    else if (log_first(&pc->sleep_refused))
        log_warn("vmm", "the guest asks for a sleep state that the VMM does not have");
}

static void write_reset(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct pc *pc = opaque;

    (void)offset;
    (void)size;
    if (value == ACPI_RESET_VALUE)
        machine_end(pc->machine, MACHINE_REBOOT, 0);
}

static uint64_t read_panic(void *opaque, uint64_t offset, unsigned size)
{
    (void)opaque;
    (void)offset;
    (void)size;
    return PANIC_PANICKED;      /* the events that can be reported */
}

static void write_panic(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct pc *pc = opaque;

    (void)offset;
    (void)size;
    if (value & PANIC_PANICKED)
        machine_end(pc->machine, MACHINE_PANIC, 0);
}

static void write_exit(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct pc *pc = opaque;

    (void)offset;
    (void)size;
    machine_end(pc->machine, MACHINE_EXIT, (int)(value & 0xff));
}

int pc_init(struct pc *pc, struct machine *machine)
{
    const struct machine_range ranges[] = {
        {CMOS_PORT, CMOS_PORTS, read_clock, write_clock, pc},
        {PC_KEYBOARD_PORT, 1, read_nothing, write_keyboard, pc},
        {PC_EXIT_PORT, 1, read_nothing, write_exit, pc},
        {ACPI_SLEEP_PORT, SLEEP_PORTS, read_sleep, write_sleep, pc},
        {ACPI_RESET_PORT, 1, read_nothing, write_reset, pc},
        {ACPI_PANIC_PORT, 1, read_panic, write_panic, pc},
    };

    memset(pc, 0, sizeof *pc);
    pc->machine = machine;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        int r = machine_add_ports(machine, &ranges[i]);

        if (r < 0) {
            log_error("vmm", "cannot add port 0x%llx: %s", (unsigned long long)ranges[i].base,
                      strerror(-r));
            return r;
        }
    }
    return 0;
}
