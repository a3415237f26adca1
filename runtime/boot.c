/*
 * boot.c - see boot.h. struct hvm_start_info and what hangs from it are Xen's
 * public/arch-x86/hvm/start_info.h.
 */
#include "boot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acpi.h"
#include "elf_image.h"
#include "log.h"

enum {
    PAGE_SIZE = 4096,
    START_MAGIC = 0x336ec578,
    MEMORY_RAM = 1,
    MEMORY_RESERVED = 2,
    PTE_PRESENT = 0x01,
    PTE_WRITABLE = 0x02,
    PTE_LARGE = 0x80,
    ENTRIES = PAGE_SIZE / 8,
    LARGE_PAGE = 2 << 20,
    MAPPED_GIB = 4,
};

struct start_info {
    uint32_t magic, version, flags, n_modules;
    uint64_t modules, command_line, rsdp, memory_map;
    uint32_t n_memory_map, reserved;
};

struct module {
    uint64_t gpa, size, command_line, reserved;
};

struct memory_map_entry {
    uint64_t gpa, size;
    uint32_t type, reserved;
};

/* Copies to an address of the layout in boot.h, which lies in the smallest guest's memory. */
static void copy_in(const struct guestmem_map *memory, uint64_t gpa, const void *bytes, size_t size)
{
    void *hva = guestmem_hva(memory, gpa, size);

    if (hva != NULL)
        memcpy(hva, bytes, size);
}

static int read_initrd(const struct guestmem_map *memory, const struct machine *m, const char *path,
                       int fd, uint64_t kernel_end, struct module *module)
{
    struct stat st;
    uint64_t size;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
        log_error("vmm", "the initrd '%s' is no regular file, or empty", path);
        return -EINVAL;
    }
    size = (uint64_t)st.st_size;
    kernel_end = (kernel_end + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    if (kernel_end > m->low || size > m->low - kernel_end) {
        log_error(
            "vmm",
            "the initrd '%s' (%llu bytes) does not fit beside the kernel; give the guest more "
            "memory (--memory)",
            path, (unsigned long long)size);
        return -ENOMEM;
    }
    module->size = size;
    module->gpa = (m->low - size) / PAGE_SIZE * PAGE_SIZE;
    if (read_exactly(fd, guestmem_hva(memory, module->gpa, size), size, 0) < 0) {
        log_error("vmm", "cannot read the initrd '%s'", path);
        return -EIO;
    }
    return 0;
}

/* Puts the initrd at the end of low memory, as far from the kernel as it can be. */
static int load_initrd(const struct guestmem_map *memory, const struct machine *m, const char *path,
                       uint64_t kernel_end, struct module *module)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int r;

    if (fd < 0) {
        r = -errno;
        log_error("vmm", "cannot open the initrd '%s': %s", path, strerror(-r));
        return r;
    }
    r = read_initrd(memory, m, path, fd, kernel_end, module);
    close(fd);
    return r;
}

static uint32_t write_memory_map(const struct guestmem_map *memory, const struct machine *m)
{
    const struct memory_map_entry map[] = {
        {0, BOOT_LOW_RAM_END, MEMORY_RAM, 0},
        {BOOT_LOW_RAM_END, BOOT_KERNEL_MIN_GPA - BOOT_LOW_RAM_END, MEMORY_RESERVED, 0},
        {BOOT_KERNEL_MIN_GPA, m->low - BOOT_KERNEL_MIN_GPA, MEMORY_RAM, 0},
        {MACHINE_HOLE_END, m->high, MEMORY_RAM, 0},
    };

    copy_in(memory, BOOT_MEMORY_MAP_GPA, map, sizeof map);
    return m->high > 0 ? 4 : 3;
}

static void write_start_info(const struct guestmem_map *memory, const struct machine *m,
                             const char *command_line, const struct module *module)
{
    struct start_info info = {
        .magic = START_MAGIC,
        .version = 1,
        .n_modules = module->size > 0,
        .modules = module->size > 0 ? BOOT_MODULES_GPA : 0,
        .command_line = BOOT_COMMAND_LINE_GPA,
        .rsdp = ACPI_RSDP_GPA,
        .memory_map = BOOT_MEMORY_MAP_GPA,
        .n_memory_map = write_memory_map(memory, m),
    };

    copy_in(memory, BOOT_MODULES_GPA, module, sizeof *module);
    copy_in(memory, BOOT_COMMAND_LINE_GPA, command_line, strlen(command_line) + 1);
    copy_in(memory, BOOT_START_INFO_GPA, &info, sizeof info);
}

/* Maps the first 4 GiB one to one. */
static void write_page_tables(const struct guestmem_map *memory)
{
    const uint64_t pdpt_gpa = BOOT_PAGE_TABLES_GPA + PAGE_SIZE, pd_gpa = pdpt_gpa + PAGE_SIZE;
    uint64_t pml4 = pdpt_gpa | PTE_PRESENT | PTE_WRITABLE;
    uint64_t pdpt[MAPPED_GIB], pd[ENTRIES];

    copy_in(memory, BOOT_PAGE_TABLES_GPA, &pml4, sizeof pml4);
    for (uint64_t gib = 0; gib < MAPPED_GIB; gib++) {
        pdpt[gib] = (pd_gpa + gib * PAGE_SIZE) | PTE_PRESENT | PTE_WRITABLE;
        for (uint64_t i = 0; i < ENTRIES; i++)
            pd[i] = (gib * ENTRIES + i) * LARGE_PAGE | PTE_PRESENT | PTE_WRITABLE | PTE_LARGE;
        copy_in(memory, pd_gpa + gib * PAGE_SIZE, pd, sizeof pd);
    }
    copy_in(memory, pdpt_gpa, pdpt, sizeof pdpt);
}

static void write_gdt(const struct guestmem_map *memory, bool is_64)
{
    const uint64_t gdt[] = {
        0,
        is_64 ? UINT64_C(0x00af9b000000ffff) : UINT64_C(0x00cf9b000000ffff),    /* code, flat */
        UINT64_C(0x00cf93000000ffff),                                           /* data, flat */
    };

    copy_in(memory, BOOT_GDT_GPA, gdt, sizeof gdt);
}

static int choose_entry(const struct boot_config *config, const struct elf_image *image,
                        struct boot_entry *entry)
{
    if (config->flat || image->is_flat) {
        entry->mode = image->is_64 ? BOOT_FLAT_64 : BOOT_FLAT_32;
        entry->rip = image->entry;
    } else if (image->pvh_entry != 0) {
        entry->mode = BOOT_PVH;
        entry->rip = image->pvh_entry;
    } else {
        log_error(
            "vmm",
            "'%s' has no PVH entry (ELF note 18): give a Linux vmlinux built with CONFIG_PVH, or "
            "--flat with a freestanding program",
            config->kernel);
        return -ENOEXEC;
    }
    if (entry->rip < BOOT_KERNEL_MIN_GPA || entry->rip >= image->end) {
        log_error("vmm", "the entry of '%s', 0x%llx, is outside what it loads", config->kernel,
                  (unsigned long long)entry->rip);
        return -ENOEXEC;
    }
    return 0;
}

/* A 32-bit flat program finds a return address of 0 and its argument on the stack. */
static void write_stack(const struct guestmem_map *memory)
{
    const uint32_t frame[2] = {0, BOOT_START_INFO_GPA};

    copy_in(memory, BOOT_STACK_GPA - 8, frame, sizeof frame);
}

/* mov al, 1; mov dx, 0x602; out dx, al; hlt; jmp back to the hlt */
static void write_reset_vector(const struct guestmem_map *memory)
{
    const uint8_t code[] = {0xb0,
                            ACPI_RESET_VALUE,
                            0xba,
                            ACPI_RESET_PORT & 0xff,
                            ACPI_RESET_PORT >> 8,
                            0xee,
                            0xf4,
                            0xeb,
                            0xfd};

    copy_in(memory, BOOT_RESET_VECTOR_GPA, code, sizeof code);
}

/* False: it would be too long. */
static bool join_command_line(const struct boot_config *config, enum boot_mode mode, char *line)
{
    const char *first = mode == BOOT_PVH ? config->linux_arguments : "";
    int n = snprintf(line, BOOT_COMMAND_LINE_MAX, "%s%s%s", first, *first ? " " : "",
                     config->command_line);

    if (n >= 0 && n < BOOT_COMMAND_LINE_MAX)
        return true;
    log_error("vmm", "the kernel's command line is longer than %d bytes",
              BOOT_COMMAND_LINE_MAX - 1);
    return false;
}

int boot_load(struct machine *m, const struct boot_config *config, struct boot_entry *entry)
{
    const struct guestmem_map *memory = m->map;
    char command_line[BOOT_COMMAND_LINE_MAX];
    struct elf_image image;
    struct module initrd = {0};
    int r = elf_image_load(memory, config->kernel, BOOT_KERNEL_MIN_GPA, &image);

    if (r == 0)
        r = choose_entry(config, &image, entry);
    if (r == 0 && !join_command_line(config, entry->mode, command_line))
        r = -EINVAL;
    if (r == 0 && config->initrd != NULL)
        r = load_initrd(memory, m, config->initrd, image.end, &initrd);
    if (r < 0)
        return r;
    write_start_info(memory, m, command_line, &initrd);
    write_reset_vector(memory);
    if (entry->mode == BOOT_FLAT_64)
        boot_prepare_flat_64(m);
    else
        write_gdt(memory, false);
    if (entry->mode == BOOT_FLAT_32)
        write_stack(memory);
    return 0;
}

void boot_prepare_flat_64(struct machine *m)
{
    write_gdt(m->map, true);
    write_page_tables(m->map);
}
