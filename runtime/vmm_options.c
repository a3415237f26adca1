/*
 * vmm_options.c - see vmm.h.
 */
#include "vmm.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

enum {
    MAX_CPUS = 64,
    DEFAULT_MIB = 256,
    MAX_DISK_QUEUES = 64,
};

static const char help[] =
    "usage: vmm run --kernel FILE [options]\n"
    "\n"
    "Boots FILE in a virtual machine on /dev/kvm; its console is standard input and output.\n"
    "\n"
    "  --kernel FILE     a Linux vmlinux (ELF with a PVH entry), or a freestanding ELF program\n"
    "  --initrd FILE     initial RAM disk\n"
    "  --append TEXT     more of the kernel's command line, after 'console=ttyS0 panic=-1'\n"
    "  --memory MIB      guest memory (default 256)\n"
    "  --cpus N          virtual CPUs (default 1)\n"
    "  --disk FILE[,ro][,queues=N][,serial=ID]\n"
    "                    a virtio disk on an image or block device; repeatable\n"
    "  --flat            enter the program at its ELF entry, in 32-bit or 64-bit mode as the file\n"
    "                    is; a program with the ELF note 1 of 'CPC' needs no --flat\n"
    "  --help            this text\n"
    "\n"
    "On a terminal Ctrl-A x ends the guest.\n"
    "Exit status: 0 powered off, 1 error, 2 wrong use, 3 reboot, 4 panic, 5 triple fault,\n"
    "64+n status n of a freestanding guest, 128+n ended by signal n.\n";

static const struct option longs[] = {
    {"kernel", required_argument, NULL, 'k'}, {"initrd", required_argument, NULL, 'i'},
    {"append", required_argument, NULL, 'a'}, {"memory", required_argument, NULL, 'm'},
    {"cpus", required_argument, NULL, 'c'},   {"disk", required_argument, NULL, 'd'},
    {"flat", no_argument, NULL, 'f'},         {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int wrong_use(const char *what, const char *value)
{
    fprintf(stderr, "vmm run: %s '%s'; 'vmm run --help' lists the options\n", what, value);
    return -EINVAL;
}

/* A decimal number from `low` to `high`. */
static bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0' && *value >= low
           && *value <= high;
}

/*
 * Takes one option off the end of a disk's text. 1: it was one; 0: it is part of the file's name.
 */
static int parse_disk_option(struct vmm_disk *disk, char *comma)
{
    const char *option = comma + 1;
    uint64_t queues;

    if (strcmp(option, "ro") == 0) {
        disk->read_only = true;
    } else if (strncmp(option, "queues=", 7) == 0) {
        if (!parse_number(option + 7, 1, MAX_DISK_QUEUES, &queues))
            return wrong_use("a disk has 1 to 64 queues, not", option + 7);
        disk->queues = (uint16_t)queues;
    } else if (strncmp(option, "serial=", 7) == 0) {
        disk->serial = option + 7;
    } else {
        return 0;
    }
    *comma = '\0';
    return 1;
}

static int parse_disk(struct vmm_options *o, const char *text)
{
    struct vmm_disk *disk = &o->disk[o->n_disks];
    int r = 1;

    if (o->n_disks == VIRTIO_SLOTS_MAX)
        return wrong_use("too many disks: no room for", text);
    disk->queues = 1;
    disk->file = strdup(text);
    if (disk->file == NULL)
        return wrong_use("no memory for", text);
    o->n_disks++;
    while (r == 1) {
        char *comma = strrchr(disk->file, ',');

        r = comma != NULL ? parse_disk_option(disk, comma) : 0;
    }
    return r;
}

static int parse_option(struct vmm_options *o, int option, char **argv, int next)
{
    uint64_t number;

    switch (option) {
    case 'k':
        o->kernel = optarg;
        return 0;
    case 'i':
        o->initrd = optarg;
        return 0;
    case 'a':
        o->append = optarg;
        return 0;
    case 'm':
        if (!parse_number(optarg, MACHINE_MIN_MIB, MACHINE_MAX_MIB, &o->memory_mib))
            return wrong_use("--memory is a number of MiB from 2 to 1048576, not", optarg);
        return 0;
    case 'c':
        if (!parse_number(optarg, 1, MAX_CPUS, &number))
            return wrong_use("--cpus is a number from 1 to 64, not", optarg);
        o->cpus = (unsigned)number;
        return 0;
    case 'd':
        return parse_disk(o, optarg);
    case 'f':
        o->flat = true;
        return 0;
    case 'h':
        fputs(help, stdout);
        return 1;
    case ':':
        return wrong_use("a value is missing after", argv[next - 1]);
    default:
        return wrong_use("there is no option", argv[next - 1]);
    }
}

int vmm_options_parse(struct vmm_options *o, int argc, char **argv)
{
    int option;

    memset(o, 0, sizeof *o);
    o->append = "";
    o->memory_mib = DEFAULT_MIB;
    o->cpus = 1;
    optind = 1;
    while ((option = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
        int r = parse_option(o, option, argv, optind);

        if (r != 0)
            return r;
    }
    if (optind < argc)
        return wrong_use("there is no place for", argv[optind]);
    if (o->kernel == NULL) {
        fprintf(stderr, "vmm run: --kernel FILE is needed; 'vmm run --help' lists the options\n");
        return -EINVAL;
    }
    return 0;
}

void vmm_options_free(struct vmm_options *o)
{
    for (size_t i = 0; i < o->n_disks; i++)
        free(o->disk[i].file);
}
