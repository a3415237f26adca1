/*
 * console.h - the guest's serial port on our standard input and output.
 *
 * Input is read only from a terminal, a pipe or a socket. A terminal is put into raw mode, so that
 * every key reaches the guest, and put back at the end, also when a fault ends the VMM; there
 * Ctrl-A x ends the guest and Ctrl-A Ctrl-A sends one Ctrl-A. The guest's FIFO is never overrun:
 * what it cannot take yet stays in the pipe.
 *
 * Threads: the loop thread, but for the serial port's registers (serial.h).
 */
#ifndef CPC_CONSOLE_H
#define CPC_CONSOLE_H

#include "kernel_messages.h"
#include "kvm.h"
#include "loop.h"
#include "machine.h"

struct console;

/*
 * Makes the UART, adds its ports to the machine and begins to read. NULL, logged, when that fails.
 * The machine ends with MACHINE_SIGNAL (SIGHUP) when the user asks for it.
 */
struct console *console_new(struct machine *machine, struct kvm *kvm, AioContext *ctx);

/* What the guest's kernel said there. No vCPU runs any more. */
const struct kernel_messages *console_messages(const struct console *console);

/* Writes out what is left and puts the terminal back. No vCPU runs any more. NULL is allowed. */
void console_free(struct console *console);

#endif
