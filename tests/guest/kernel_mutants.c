/*
 * kernel_mutants.c - loads mutated copies of a kernel file into a guest's memory, without a guest.
 *
 * Usage: kernel_mutants FILE SEED COUNT START END [START END]...: bytes in one of the ranges change.
 * Built with the sanitizers: a file that makes the loader read or write where it may not ends the
 * program. Prints how many were loaded; the refusals are logged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "boot.h"

enum {
    MAX_FILE = 1 << 20,
    FIRST_RANGE = 4,                /* in argv */
    MEMORY_MIB = 16,
};

static const uint64_t edges[] = {0, 1, 0xfff, 0x1000, 0x80000000, INT64_MAX, UINT64_MAX};

static void ignore_end(void *opaque)
{
    (void)opaque;
}

struct range {
    size_t start, size;
};

static void mutate(unsigned char *image, struct range range)
{
    for (long n = 1 + random() % 5; n > 0; n--) {
        size_t at = range.start + (size_t)random() % range.size;

        if (random() % 2)
            image[at] = (unsigned char)random();
        else
            memcpy(image + at / 4 * 4, &edges[random() % 7], random() % 2 ? 4 : 8);
    }
}

static int load_mutant(struct machine *machine, const unsigned char *good, size_t size,
                       struct range range, int fd)
{
    static unsigned char image[MAX_FILE + 8];
    size_t length = random() % 4 ? size : (size_t)random() % (size + 1);
    struct boot_config config = {.linux_arguments = "", .command_line = "", .flat = random() % 2};
    struct boot_entry entry;
    char path[64];

    memcpy(image, good, size);
    mutate(image, range);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    config.kernel = path;
    if (ftruncate(fd, 0) < 0 || pwrite(fd, image, length, 0) != (ssize_t)length)
        abort();
    return boot_load(machine, &config, &entry) == 0;
}

static struct range parse_range(char **words, size_t size)
{
    struct range range = {strtoul(words[0], NULL, 10), strtoul(words[1], NULL, 10)};

    if (range.start >= range.size || range.size > size)
        abort();
    range.size -= range.start;
    return range;
}

int main(int argc, char **argv)
{
    static unsigned char good[MAX_FILE];
    FILE *file = argc > FIRST_RANGE ? fopen(argv[1], "rb") : NULL;
    const struct machine_config size_of_memory = {.mib = MEMORY_MIB};
    struct machine machine;
    int loaded = 0, fd = memfd_create("mutant", 0), ranges = (argc - FIRST_RANGE) / 2;
    size_t size;

    if (file == NULL || ranges < 1 || fd < 0
        || machine_init(&machine, &size_of_memory, ignore_end, NULL) < 0)
        return 2;
    size = fread(good, 1, sizeof good, file);
    fclose(file);
    srandom((unsigned)atoi(argv[2]));
    for (int i = atoi(argv[3]); i > 0; i--) {
        char **words = argv + FIRST_RANGE + 2 * (random() % ranges);

        loaded += load_mutant(&machine, good, size, parse_range(words, size), fd);
    }
    machine_free(&machine);
    printf("%d loaded\n", loaded);
    return 0;
}
