/*
 * freestanding.h - what a program without an operating system needs on our VMM: console, exit,
 * memory.
 *
 * The VMM enters guest_start in 64-bit mode with 4 GiB mapped one to one (runtime/boot.h).
 * Interrupts stay off and nothing uses SSE, so the program also runs on a KVM that only emulates
 * instructions.
 */
#ifndef FREESTANDING_H
#define FREESTANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PORT_CONSOLE = 0x3f8,
    PORT_EXIT = 0xf4,       /* a byte: the status of the VMM is 64 more, or 0 for 0 */
    PORT_SLEEP = 0x600,     /* ACPI sleep control */
    PORT_RESET = 0x602,
    PORT_PANIC = 0x505,
    PORT_PCI_ADDRESS = 0xcf8,
    PORT_PCI_DATA = 0xcfc,
};

/* The program itself: its result is written to PORT_EXIT. `arguments` is the text of --append. */
int guest_main(const char *arguments);

void out8(uint16_t port, uint8_t value);
uint8_t in8(uint16_t port);
void out32(uint16_t port, uint32_t value);
uint32_t in32(uint16_t port);

/* The console. %u, %x (64 bits) and %s are all there is to print. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Never returns. */
void guest_exit(int status) __attribute__((noreturn));

bool same_text(const char *a, const char *b);

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

#endif
