/*
 * boot.h - loads a kernel and writes what it is started with.
 *
 * Two ways in:
 *   PVH   an ELF file with Xen's note 18, as every Linux vmlinux has, also inside a bzImage: 32-bit
 *         protected mode without paging, rbx = hvm_start_info.
 *   flat  a freestanding ELF program that has note 1 of "CPC" (or was said to be one), entered at
 *         its own entry: 64-bit files in long mode with 4 GiB mapped one to one (2 MiB pages),
 *         32-bit files in protected mode; a stack of 256 KiB is there, and hvm_start_info is the
 *         first argument (rdi; on the stack and in rbx in 32-bit mode). SSE is not enabled.
 * hvm_start_info gives the memory map, the command line, the initrd and the ACPI tables.
 *
 * Rejected: the 64-bit Linux boot protocol, which leaves unpacking to the kernel's own decompressor
 * in the guest. The host does it sooner, and every kernel worth booting here has the PVH note.
 *
 * The file is not trusted: every size and address in it is checked before use.
 *
 * Guest memory below 1 MiB when the guest starts:
 *   0x500 GDT, 0x6000 start info, 0x6100 module list, 0x7000 memory map, 0x9000-0xefff page tables,
 *   0x20000 command line, 0x40000-0x80000 stack, 0xe0000 ACPI tables, 0xffff0 reset vector.
 * The reset vector is all the firmware there is: Linux jumps to it in real mode when it reboots on
 * hardware-reduced ACPI without EFI, and the few instructions there reset the machine.
 */
#ifndef CPC_BOOT_H
#define CPC_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

enum {
    BOOT_GDT_GPA = 0x500,
    BOOT_START_INFO_GPA = 0x6000,
    BOOT_MODULES_GPA = 0x6100,
    BOOT_MEMORY_MAP_GPA = 0x7000,
    BOOT_PAGE_TABLES_GPA = 0x9000,      /* the PML4; then the PDPT, then four page directories */
    BOOT_COMMAND_LINE_GPA = 0x20000,
    BOOT_COMMAND_LINE_MAX = 4096,       /* with its final zero */
    BOOT_STACK_GPA = 0x80000,           /* grows down */
    BOOT_LOW_RAM_END = 0x9fc00,
    BOOT_RESET_VECTOR_GPA = 0xffff0,
    BOOT_KERNEL_MIN_GPA = 0x100000,
};

enum boot_mode {
    BOOT_PVH,
    BOOT_FLAT_32,
    BOOT_FLAT_64,
};

struct boot_config {
    const char *kernel;
    const char *initrd;                 /* NULL: none */
    const char *linux_arguments; /* come before the command line of a kernel entered by PVH */
    const char *command_line;
    bool flat;                          /* enter at the ELF entry, whatever the file's notes say */
};

/* Where the first vCPU starts. */
struct boot_entry {
    enum boot_mode mode;
    uint64_t rip;
};

/* Loads all of it into the machine's memory. 0, or -errno with one sentence logged. */
int boot_load(struct machine *machine, const struct boot_config *config, struct boot_entry *entry);

/* Writes the GDT and the page tables that BOOT_FLAT_64 needs, and nothing else. */
void boot_prepare_flat_64(struct machine *machine);

#endif
