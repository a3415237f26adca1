/*
 * elf_mutants.c - loads mutated copies of an ELF file into a guest's memory, without a guest.
 *
 * Usage: elf_mutants FILE SEED COUNT. Built with the sanitizers: a header that makes the loader read
 * or write where it may not ends the program. Prints how many were loaded; the refusals are logged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "boot.h"

enum {
    MAX_FILE = 1 << 20,
    ELF_HEADER = 64,
    PROGRAM_HEADER = 56,
    PROGRAM_HEADERS_OFFSET = 56, /* in the header: how many there are */
    NOTES = 512,
    MEMORY_MIB = 16,
};

static const uint64_t edges[] = {0, 1, 0xfff, 0x1000, 0x80000000, INT64_MAX, UINT64_MAX};

static void ignore_end(void *opaque)
{
    (void)opaque;
}

static void mutate(unsigned char *image, size_t size)
{
    for (long n = 1 + random() % 5; n > 0; n--) {
        size_t at = (size_t)random() % size;

        if (random() % 2)
            image[at] = (unsigned char)random();
        else
            memcpy(image + at / 8 * 8, &edges[random() % 7], 8);
    }
}

static int load_mutant(struct machine *machine, const unsigned char *good, size_t size, int fd)
{
    static unsigned char image[MAX_FILE];
    size_t headers = ELF_HEADER + (size_t)PROGRAM_HEADER * good[PROGRAM_HEADERS_OFFSET] + NOTES;
    size_t length = random() % 4 ? size : (size_t)random() % (size + 1);
    struct boot_config config = {.linux_arguments = "", .command_line = "", .flat = random() % 2};
    struct boot_entry entry;
    char path[64];

    memcpy(image, good, size);
    mutate(image, headers < size ? headers : size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    config.kernel = path;
    if (ftruncate(fd, 0) < 0 || pwrite(fd, image, length, 0) != (ssize_t)length)
        abort();
    return boot_load(machine, &config, &entry) == 0;
}

int main(int argc, char **argv)
{
    static unsigned char good[MAX_FILE];
    FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
    struct machine machine;
    int loaded = 0, fd = memfd_create("mutant", 0);
    size_t size;

    if (file == NULL || fd < 0 || machine_init(&machine, MEMORY_MIB, ignore_end, NULL) < 0)
        return 2;
    size = fread(good, 1, sizeof good, file);
    fclose(file);
    srandom((unsigned)atoi(argv[2]));
    for (int i = atoi(argv[3]); i > 0; i--)
        loaded += load_mutant(&machine, good, size, fd);
    machine_free(&machine);
    printf("%d loaded\n", loaded);
    return 0;
}
