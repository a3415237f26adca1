/*
 * Devices behind virtio-mmio without a guest: the test's driver (fake_driver.py) is the guest.
 *
 * usage: fake_host RAM DISK0 DISK1 QUEUES OPTIONS [DEVICE...]
 *
 * RAM is a file of 10 MiB, mapped as three regions: 0-1 MiB and 1-2 MiB, which touch in guest memory
 * but not here, and 8 MiB at 4 GiB. Devices: 0 and 1 are disks (OPTIONS of disk 0: "-" or "ro"), 2
 * is a `gate`, whose requests sleep for a while before they write 4 bytes, 3 and up are the DEVICEs,
 * spelled as for the VMM's --device. Commands are lines on stdin, each with one line as answer:
 *
 *   r DEV OFFSET SIZE          reads a register: its value
 *   w DEV OFFSET SIZE VALUE    writes one: "ok"
 *   k DEV QUEUE                kicks by the eventfd: "ok"
 *   p DEV N MS                 runs the loop until device DEV sent N interrupts in all, or for MS
 *                              milliseconds: the number of interrupts so far
 *   g MS                       requests of the gate sleep that long from now on: "ok"
 *   m                          replaces the region at 4 GiB by a new mapping: "ok"
 *   d                          takes that region away: "ok"
 *   q                          resets and frees everything: "bye"
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device_spec.h"
#include "devices.h"
#include "guestmem.h"
#include "loop.h"
#include "virtio_device.h"
#include "virtio_mmio.h"

#define MIB (1u << 20)
#define HIGH_GPA 0x100000000ull
#define HIGH_SIZE (8 * MIB)
#define MAX_DEVICES 8

struct host {
    AioContext *ctx;
    struct guestmem *memory;
    int ram_fd;
    unsigned n_devices;
    struct virtio_device *device[MAX_DEVICES];
    struct virtio_mmio *mmio[MAX_DEVICES];
    unsigned long interrupts[MAX_DEVICES];
};

struct gate {
    struct virtio_device *dev;
    uint64_t value;         /* the configuration space; writable */
};

static int64_t gate_ns;

static int gate_realize(void *state, struct virtio_device *dev, uint16_t n_queues,
                        const struct virtio_config_values *options, struct virtio_error *error)
{
    struct gate *gate = state;

    (void)n_queues;
    (void)options;
    (void)error;
    gate->dev = dev;
    return 0;
}

static void gate_unrealize(void *state)
{
    (void)state;
}

static uint64_t gate_features(void *state)
{
    (void)state;
    return 0;
}

static void gate_get_config(void *state, void *config)
{
    memcpy(config, &((struct gate *)state)->value, 8);
}

static void gate_set_config(void *state, const void *config)
{
    struct gate *gate = state;

    memcpy(&gate->value, config, 8);
    virtio_config_changed(gate->dev);
}

static void coroutine_fn gate_request(void *state, uint16_t queue, struct vq_chain *chain)
{
    (void)state;
    (void)queue;
    co_sleep_ns(gate_ns);
    chain_put(chain, "gate", 4);
}

static const struct virtio_option gate_options[] = { { NULL, NULL, NULL, false } };

static const struct virtio_class gate_class = {
    .name = "gate",
    .summary = "sleeps",
    .device_id = 42,
    .state_size = sizeof(struct gate),
    .config_size = 8,
    .max_queues = 2,
    .queue_size = 256,
    .options = gate_options,
    .realize = gate_realize,
    .unrealize = gate_unrealize,
    .features = gate_features,
    .get_config = gate_get_config,
    .set_config = gate_set_config,
    .request = gate_request,
};

static void on_interrupt(void *opaque)
{
    ++*(unsigned long *)opaque;
}

static void check(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "fake_host: %s: %s\n", what, strerror(-result));
        exit(2);
    }
}

static void add_device(struct host *host, const struct virtio_class *class, uint16_t queues,
                       const struct virtio_config_values *options)
{
    struct virtio_error error = { "" };
    unsigned i = host->n_devices++;
    char name[16];

    snprintf(name, sizeof name, "%s%u", class->name, i);
    host->device[i] = virtio_device_new(class, name, host->ctx, host->memory, queues, options,
                                        &error);
    if (!host->device[i]) {
        fprintf(stderr, "fake_host: %s\n", error.text);
        exit(2);
    }
    host->mmio[i] = virtio_mmio_new(host->device[i], on_interrupt, &host->interrupts[i]);
}

static void add_spec(struct host *host, const char *text)
{
    struct virtio_error error = { "" };
    struct device_spec spec;

    if (device_spec_parse(&spec, text, &error)) {
        fprintf(stderr, "fake_host: %s\n", error.text);
        exit(2);
    }
    add_device(host, spec.class, spec.n_queues, &spec.values);
    device_spec_free(&spec);
}

static void set_up(struct host *host, char **argv)
{
    const char *read_only = strcmp(argv[5], "ro") ? NULL : "";
    struct virtio_config_values first = { { argv[2], read_only, "serial-0" } };
    struct virtio_config_values second = { { argv[3], NULL, NULL } }, none = { { NULL } };

    check(loop_new(&host->ctx), "loop");
    loop_attach(host->ctx);
    host->memory = guestmem_new();
    host->ram_fd = open(argv[1], O_RDWR | O_CLOEXEC);
    check(guestmem_map_fd(host->memory, 0, 0, MIB, host->ram_fd, 0), "low memory");
    check(guestmem_map_fd(host->memory, MIB, MIB, MIB, host->ram_fd, MIB), "more memory");
    check(guestmem_map_fd(host->memory, HIGH_GPA, HIGH_GPA, HIGH_SIZE, host->ram_fd, 2 * MIB),
          "high memory");
    add_device(host, device_class("blk"), (uint16_t)atoi(argv[4]), &first);
    add_device(host, device_class("blk"), 1, &second);
    add_device(host, &gate_class, 2, &none);
    for (char **more = argv + 6; *more; more++) {
        add_spec(host, *more);
    }
}

static void tear_down(struct host *host)
{
    for (unsigned i = 0; i < host->n_devices; i++) {
        virtio_reset(host->device[i]);
        virtio_mmio_free(host->mmio[i]);
        virtio_device_free(host->device[i]);
    }
    guestmem_free(host->memory);
    close(host->ram_fd);
    loop_free(host->ctx);
}

static void poll_for(struct host *host, unsigned device, unsigned long n, long ms)
{
    int64_t end = loop_now_ns() + ms * 1000000;

    while (host->interrupts[device] < n && loop_now_ns() < end) {
        if (!aio_poll(host->ctx, false)) {
            usleep(50);
        }
    }
    printf("%lu\n", host->interrupts[device]);
}

static void change_memory(struct host *host, bool again)
{
    guestmem_remove(host->memory, HIGH_GPA, HIGH_GPA, HIGH_SIZE);
    if (again) {
        check(guestmem_map_fd(host->memory, HIGH_GPA, HIGH_GPA, HIGH_SIZE, host->ram_fd, 2 * MIB),
              "high memory again");
    }
    for (unsigned i = 0; i < host->n_devices; i++) {
        virtio_memory_changed(host->device[i]);
    }
    printf("ok\n");
}

/* One command. False: the end. */
static bool execute(struct host *host, const char *line)
{
    unsigned long long device = 0, a = 0, b = 0, c = 0;
    char command = '\0';
    uint64_t one = 1;

    if (sscanf(line, "%c %llu %llu %llu %llu", &command, &device, &a, &b, &c) < 1 ||
        (strchr("rwkp", command) && device >= host->n_devices)) {
        return false;
    }
    switch (command) {
    case 'r':
        printf("%llu\n", (unsigned long long)virtio_mmio_read(host->mmio[device], a, (unsigned)b));
        return true;
    case 'w':
        virtio_mmio_write(host->mmio[device], a, (unsigned)b, c);
        break;
    case 'k':
        if (write(virtio_mmio_kick_fd(host->mmio[device], (uint16_t)a), &one, sizeof one) < 0) {
            return false;
        }
        break;
    case 'p':
        poll_for(host, (unsigned)device, a, (long)b);
        return true;
    case 'g':
        gate_ns = (int64_t)device * 1000000;
        break;
    case 'm':
    case 'd':
        change_memory(host, command == 'm');
        return true;
    default:
        return false;
    }
    printf("ok\n");
    return true;
}

int main(int argc, char **argv)
{
    static struct host host;
    char line[128];

    if (argc < 6 || argc > 6 + MAX_DEVICES - 3) {
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    set_up(&host, argv);
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) && execute(&host, line)) {
        fflush(stdout);
    }
    tear_down(&host);
    printf("bye\n");
    return 0;
}
