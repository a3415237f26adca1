/*
 * cmos.h - the PC's real time clock at ports 0x70 and 0x71, read only.
 *
 * Gives the host's UTC time in BCD, 24-hour mode, never "update in progress". A guest's writes are
 * dropped: nothing outlives the VMM, and an alarm would need an interrupt that nobody uses.
 *
 * Threads: vCPU threads; the one word of state, the register index, is atomic, so that two vCPUs
 * that do not lock between index and data read a wrong register and nothing worse.
 */
#ifndef CPC_CMOS_H
#define CPC_CMOS_H

#include <stdint.h>

enum { CMOS_PORT = 0x70, CMOS_PORTS = 2 };

struct cmos {
    uint8_t index;      /* accessed with __atomic builtins */
};

/* One access, `offset` below CMOS_PORTS; other threads may do the same. */
uint8_t cmos_read(struct cmos *cmos, unsigned offset);
void cmos_write(struct cmos *cmos, unsigned offset, uint8_t value);

#endif
