/*
 * pc.h - the small ports of a PC: clock, keyboard controller's reset, ACPI sleep and reset,
 * panic, exit.
 *
 * A freestanding guest may end with a status: a byte written to PC_EXIT_PORT.
 */
#ifndef CPC_PC_H
#define CPC_PC_H

#include "cmos.h"
#include "machine.h"

enum {
    PC_EXIT_PORT = 0xf4,
    PC_KEYBOARD_PORT = 0x64,
    PC_KEYBOARD_RESET = 0xfe,
};

struct pc {
    struct machine *machine;
    struct cmos cmos;
    bool sleep_refused;     /* said once */
};

/* Adds the ports to the machine; `pc` must live as long as that. 0, or -errno logged. */
int pc_init(struct pc *pc, struct machine *machine);

#endif
