/*
 * kernel_messages.h - reads along on the console what the guest's Linux says about its end.
 *
 * The pvpanic driver is a module in Debian's kernels, so a kernel that panics before its initrd
 * loaded it only resets the machine. It does print why. So a reset soon after a line that begins
 * with "Kernel panic - not syncing" is a panic. Some messages are worth a sentence to the user of
 * the VMM, who may have chosen the wrong initrd, kernel or size.
 *
 * The guest can print what it likes: it decides about its own exit status and a hint, no more.
 *
 * Threads: the caller keeps them apart (the serial port's lock does).
 */
#ifndef CPC_KERNEL_MESSAGES_H
#define CPC_KERNEL_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

struct kernel_messages {
    char line[256];         /* the beginning of the current line */
    size_t used;
    unsigned since_panic;   /* lines, the panic's own counted; 0: there was none */
    bool ready;             /* the guest's init runs, as far as the console tells */
    const char *hint;       /* of the last message that has one, or NULL */
};

/* One byte of the console; all zero is the state at the start. */
void kernel_messages_read(struct kernel_messages *messages, char byte);

/* True when a panic was the last thing that the kernel reported. */
bool kernel_messages_panicked(const struct kernel_messages *messages);

#endif
