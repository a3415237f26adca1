/*
 * main.c - libFuzzer's entry points, the input's bytes, and the machine. The environment variable
 * FUZZ_TARGET names the target.
 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device_spec.h"
#include "fuzz.h"
#include "loop.h"

#define TIME_LIMIT_NS 10000000000

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

AioContext *fuzz_ctx;
struct guestmem *fuzz_memory;
int fuzz_ram_fd;
uint8_t *fuzz_ram;
char fuzz_disk[64];

static const struct fuzz_target *target;
static char last_message[200];  /* of the log */

/* ---- the input ---- */

uint8_t fuzz_u8(struct fuzz_input *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->at++;
}

uint16_t fuzz_u16(struct fuzz_input *in)
{
    uint16_t low = fuzz_u8(in);

    return (uint16_t)(low | fuzz_u8(in) << 8);
}

uint32_t fuzz_u32(struct fuzz_input *in)
{
    uint32_t low = fuzz_u16(in);

    return low | (uint32_t)fuzz_u16(in) << 16;
}

uint64_t fuzz_u64(struct fuzz_input *in)
{
    uint64_t low = fuzz_u32(in);

    return low | (uint64_t)fuzz_u32(in) << 32;
}

bool fuzz_rare(struct fuzz_input *in)
{
    return fuzz_u8(in) >= 0xf8;
}

uint64_t fuzz_address(struct fuzz_input *in)
{
    static const uint64_t places[] = {
        0, 1, RINGS_END, RAM_LOW - 1, RAM_LOW, RAM_LOW + RAM_MORE - 8, RAM_LOW + RAM_MORE,
        0xc0000000, 0xd0000000, 0xe0000000, 0xfee00000, RAM_HIGH_GPA - 1, RAM_HIGH_GPA,
        RAM_HIGH_GPA + RAM_HIGH - 1, RAM_HIGH_GPA + RAM_HIGH, 1ull << 63, ~0ull - 15, ~0ull,
    };
    uint8_t kind = fuzz_u8(in);

    if (kind < 0x80) {
        return places[kind % (sizeof places / sizeof places[0])];
    }
    return kind < 0xe0 ? fuzz_u32(in) % (RAM_LOW + RAM_MORE + 64) : fuzz_u64(in);
}

uint32_t fuzz_number(struct fuzz_input *in)
{
    static const uint32_t numbers[] = {
        0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 255, 256, 257, 511, 512, 513, 1023, 1024,
        1025, 4095, 4096, 4097, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
        0xfffffff0, 0xffffffff,
    };
    uint8_t kind = fuzz_u8(in);

    if (kind < 0xc0) {
        return numbers[kind % (sizeof numbers / sizeof numbers[0])];
    }
    return kind < 0xe0 ? fuzz_u16(in) : fuzz_u32(in);
}

/* Not a device: what a fuzzer must find, by coverage and by AddressSanitizer. */
static void run_wrong(const void *opaque, struct fuzz_input *in)
{
    volatile uint8_t *bytes = malloc(4);

    (void)opaque;
    if (bytes && fuzz_u8(in) == 'b' && fuzz_u8(in) == 'u' && fuzz_u8(in) == 'g') {
        bytes[fuzz_u8(in) & 7] = 1;
    }
    free((void *)bytes);
}

static const struct fuzz_target fuzz_wrong = {"wrong", run_wrong, NULL};

static const struct fuzz_target *const targets[] = {
    &fuzz_wrong,
    &fuzz_split, &fuzz_packed,  &fuzz_registers, &fuzz_blk, &fuzz_rng,
    &fuzz_net,   &fuzz_console, &fuzz_net_stream, &fuzz_pci, &fuzz_vhost,
};

/* ---- what is wrapped (build.py) ---- */

void __wrap_log_message(int level, const char *component, const char *format, ...);
unsigned __wrap_net_link_offloads(const void *link);

/* A device that is made anew for each input would fill the log. */
void __wrap_log_message(int level, const char *component, const char *format, ...)
{
    va_list args;

    (void)level;
    (void)component;
    va_start(args, format);
    vsnprintf(last_message, sizeof last_message, format, args);
    va_end(args);
}

/* As if the link were a tap that can do everything: the driver's headers are checked for it. */
unsigned __wrap_net_link_offloads(const void *link)
{
    (void)link;
    return TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN | TUN_F_UFO;
}

/* ---- the machine ---- */

void fuzz_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "fuzz: %s: ", target->name);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\nthe log's last line: %s\n", last_message);
    va_end(args);
    abort();
}

void fuzz_turns(unsigned n)
{
    while (n-- > 0) {
        aio_poll(fuzz_ctx, false);
    }
}

void fuzz_until(bool (*done)(void *opaque), void *opaque, const char *what)
{
    int64_t end = loop_now_ns() + TIME_LIMIT_NS;

    while (!done(opaque)) {
        if (!aio_poll(fuzz_ctx, false)) {
            usleep(20);
        }
        if (loop_now_ns() > end) {
            fuzz_fail("%s", what);
        }
    }
}

struct virtio_device *fuzz_device(const char *text)
{
    struct virtio_error error = { "" };
    struct virtio_device *dev = NULL;
    struct device_spec spec;

    if (device_spec_parse(&spec, text, &error) == 0) {
        dev = device_spec_make(&spec, spec.class->name, fuzz_ctx, fuzz_memory, &error);
    }
    if (!dev) {
        fuzz_fail("%s", error.text);
    }
    device_spec_free(&spec);
    return dev;
}

static void check(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "fuzz: %s\n", what);
        exit(2);
    }
}

static int memory_file(const char *name, off_t size)
{
    int fd = memfd_create(name, MFD_CLOEXEC);

    check(fd >= 0 && ftruncate(fd, size) == 0, name);
    return fd;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("FUZZ_TARGET");

    (void)argc;
    (void)argv;
    for (unsigned i = 0; name && i < sizeof targets / sizeof targets[0]; i++) {
        if (strcmp(targets[i]->name, name) == 0) {
            target = targets[i];
        }
    }
    check(target != NULL, "FUZZ_TARGET names no target");
    signal(SIGPIPE, SIG_IGN);
    check(loop_new(&fuzz_ctx) == 0, "no loop");
    loop_attach(fuzz_ctx);
    fuzz_ram_fd = memory_file("ram", RAM_SIZE);
    fuzz_ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fuzz_ram_fd, 0);
    check(fuzz_ram != MAP_FAILED, "no memory");
    return 0;
}

/* The number that the next descriptor would get. */
static int next_descriptor(void)
{
    int fd = dup(STDERR_FILENO);

    close(fd);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    int before = next_descriptor(), disk = memory_file("disk", DISK_SECTORS * 512);

    snprintf(fuzz_disk, sizeof fuzz_disk, "/proc/self/fd/%d", disk);
    memset(fuzz_ram, 0, RAM_SIZE);
    last_message[0] = '\0';
    fuzz_memory = guestmem_new();
    target->run(target->opaque, &in);
    guestmem_free(fuzz_memory);
    close(disk);
    if (next_descriptor() != before) {
        fuzz_fail("a descriptor stays open: the next one is %d, it was %d", next_descriptor(),
                  before);
    }
    return 0;
}
