/*
 * vmm_options.c - see vmm.h.
 */
#include "vmm.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices.h"
#include "machine.h"

enum {
    MAX_CPUS = 16,
    DEFAULT_MIB = 256,
    DEFAULT_GRACE_MS = 10000,
    MAX_GRACE_SECONDS = 3600,
};

static const char help[] =
    "usage: vmm run --kernel FILE [options]\n"
    "\n"
    "Boots FILE in a virtual machine on /dev/kvm; its console is standard input and output.\n"
    "\n"
    "  --kernel FILE     a Linux kernel (bzImage, or vmlinux with a PVH entry), or a\n"
    "                    freestanding ELF program\n"
    "  --initrd FILE     initial RAM disk\n"
    "  --append TEXT     more of the kernel's command line, after 'console=ttyS0 panic=-1'\n"
    "  --memory MIB      guest memory (default 256)\n"
    "  --hugepages       the memory is in huge pages, which the host must have reserved\n"
    "  --cpus N          virtual CPUs, 1 to 16 (default 1)\n"
    "  --device CLASS[,NAME=VALUE|,NAME]...\n"
    "                    a virtio device; repeatable; 'help' lists the classes, 'CLASS,help' the\n"
    "                    options of one; a comma in a value is written twice\n"
    "  --disk FILE[,ro][,packed][,queues=N][,serial=ID]\n"
    "                    short for --device blk: a disk on an image or block device\n"
    "  --transport pci|mmio\n"
    "                    how the guest finds its devices (default pci)\n"
    "  --iothreads       each device in a thread of its own (default: all share one)\n"
    "  --flat            enter the program at its ELF entry, in 32-bit or 64-bit mode as the file\n"
    "                    is; a program with the ELF note 1 of 'CPC' needs no --flat\n"
    "  --control PATH    listen for commands on this UNIX socket; each is a line with an object,\n"
    "                    {\"command\": \"status\"}: status, pause, resume, powerdown, quit, co\n"
    "  --grace SECONDS   time for the guest to power down after SIGTERM (default 10)\n"
    "  --trace FILE      write what vCPUs and devices did, in Chrome's trace event format\n"
    "  --no-sandbox      do without seccomp and Landlock\n"
    "  --json            log JSON objects, one a line, with events: boot, ready (init runs, as far\n"
    "                    as the console tells), end\n"
    "  --help            this text\n"
    "\n"
    "On a terminal Ctrl-A x ends the guest.\n"
    "Exit status: 0 powered off, 1 error, 2 wrong use, 3 reboot, 4 panic, 5 triple fault,\n"
    "64+n status n of a freestanding guest, 128+n ended by signal n.\n";

static const struct option longs[] = {
    {"kernel", required_argument, NULL, 'k'}, {"initrd", required_argument, NULL, 'i'},
    {"append", required_argument, NULL, 'a'}, {"memory", required_argument, NULL, 'm'},
    {"cpus", required_argument, NULL, 'c'},   {"device", required_argument, NULL, 'D'},
    {"disk", required_argument, NULL, 'd'},   {"flat", no_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},         {"hugepages", no_argument, NULL, 'H'},
    {"transport", required_argument, NULL, 't'}, {"iothreads", no_argument, NULL, 'I'},
    {"control", required_argument, NULL, 'C'}, {"grace", required_argument, NULL, 'g'},
    {"trace", required_argument, NULL, 'T'},
    {"json", no_argument, NULL, 'j'},         {"no-sandbox", no_argument, NULL, 'n'},
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

/* The next device; NULL, with a sentence: there is no room for it. */
static struct device_spec *next_device(struct vmm_options *o, const char *text)
{
    if (o->n_devices == VIRTIO_SLOTS_MAX) {
        wrong_use("too many devices: no room for", text);
        return NULL;
    }
    return &o->device[o->n_devices++];
}

static int parse_device(struct vmm_options *o, const char *text)
{
    struct virtio_error error = {.text = ""};
    struct device_spec *device = next_device(o, text);
    int r = device != NULL ? device_spec_parse(device, text, &error) : -EINVAL;

    if (device != NULL && r < 0)
        fprintf(stderr, "vmm run: --device: %s; 'vmm run --device %s' lists what there is\n",
                error.text, device->class != NULL ? "CLASS,help" : "help");
    return r;
}

/*
 * Takes one option off the end of a disk's text. 1: it was one; 0: it is part of the file's name.
 */
static int parse_disk_option(struct device_spec *disk, char *comma)
{
    const char *option = comma + 1;

    if (strcmp(option, "ro") == 0) {
        device_spec_set(disk, "read-only", NULL);
    } else if (strcmp(option, "packed") == 0) {
        device_spec_set(disk, "packed", NULL);
    } else if (strncmp(option, "queues=", 7) == 0) {
        if (device_spec_set(disk, "queues", option + 7) < 0)
            return wrong_use("a disk has 1 to 64 queues, not", option + 7);
    } else if (strncmp(option, "serial=", 7) == 0) {
        device_spec_set(disk, "serial", option + 7);
    } else {
        return 0;
    }
    *comma = '\0';
    return 1;
}

static int parse_disk(struct vmm_options *o, const char *text)
{
    struct device_spec *disk = next_device(o, text);
    int r = 1;

    if (disk == NULL)
        return -EINVAL;
    device_spec_init(disk, device_class("blk"));
    disk->text = strdup(text);
    if (disk->text == NULL)
        return wrong_use("no memory for", text);
    device_spec_set(disk, "disk", disk->text);
    while (r == 1) {
        char *comma = strrchr(disk->text, ',');

        r = comma != NULL ? parse_disk_option(disk, comma) : 0;
    }
    return r;
}

static int parse_transport(struct vmm_options *o, const char *text)
{
    if (strcmp(text, "pci") == 0)
        o->transport = VIRTIO_OVER_PCI;
    else if (strcmp(text, "mmio") == 0)
        o->transport = VIRTIO_OVER_MMIO;
    else
        return wrong_use("--transport is pci or mmio, not", text);
    return 0;
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
        if (!parse_number(optarg, MACHINE_MIN_MIB, MACHINE_MAX_MIB, &o->memory.mib))
            return wrong_use("--memory is a number of MiB from 2 to 1048576, not", optarg);
        return 0;
    case 'c':
        if (!parse_number(optarg, 1, MAX_CPUS, &number))
            return wrong_use("--cpus is a number from 1 to 16, not", optarg);
        o->cpus = (unsigned)number;
        return 0;
    case 'D':
        return parse_device(o, optarg);
    case 'd':
        return parse_disk(o, optarg);
    case 't':
        return parse_transport(o, optarg);
    case 'I':
        o->iothreads = true;
        return 0;
    case 'f':
        o->flat = true;
        return 0;
    case 'C':
        o->control = optarg;
        return 0;
    case 'g':
        if (!parse_number(optarg, 0, MAX_GRACE_SECONDS, &number))
            return wrong_use("--grace is a number of seconds up to 3600, not", optarg);
        o->grace_ms = (unsigned)number * 1000;
        return 0;
    case 'T':
        o->trace = optarg;
        return 0;
    case 'n':
        o->no_sandbox = true;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case 'H':
        o->memory.hugepages = true;
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
    o->memory.mib = DEFAULT_MIB;
    o->cpus = 1;
    o->grace_ms = DEFAULT_GRACE_MS;
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
    for (size_t i = 0; i < o->n_devices; i++)
        device_spec_free(&o->device[i]);
}
