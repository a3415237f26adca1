/*
 * Devices behind virtio-mmio or virtio-pci without a guest: the test's driver (fake_driver.py) is
 * the guest.
 *
 * usage: fake_host RAM DISK0 DISK1 QUEUES OPTIONS TRANSPORT [DEVICE...]
 *
 * RAM is a file of 10 MiB, mapped as three regions: 0-1 MiB and 1-2 MiB, which touch in guest memory
 * but not here, and 8 MiB at 4 GiB. Devices: 0 and 1 are disks, 2 is a `gate`, whose requests
 * wait while it is closed and then write 4 bytes, 3 and up are the DEVICEs, spelled as for the VMM's
 * --device. OPTIONS: "-", "ro" (disk 0), or "packed" (0 to 2 offer packed rings). Commands are lines on stdin, each with one line as answer:
 *
 *   r DEV OFFSET SIZE          reads a register of the window or of BAR 0: its value
 *   w DEV OFFSET SIZE VALUE    writes one: "ok"
 *   k DEV QUEUE                kicks by the eventfd, over PCI by its register: "ok"
 *   p DEV N MS                 runs the loop until device DEV sent N interrupts in all, or for MS
 *                              milliseconds: the number of interrupts so far
 *   a GPA N                    each of the gate's next N requests adds one to the two bytes at GPA, as
 *                              another CPU of the guest could: "ok"
 *   g                          closes the gate: its requests wait: "ok"
 *   u MS                       opens it when the loop has run for MS milliseconds: "ok"
 *   m                          replaces the region at 4 GiB by a new mapping: "ok"
 *   d                          takes that region away: "ok"
 *   q                          resets and frees everything: "bye"
 *
 * With TRANSPORT pci (it is mmio or pci) device n is function n + 1 of a bus, and there are:
 *
 *   e OFFSET SIZE, E OFFSET SIZE VALUE     reads or writes configuration space (ECAM)
 *   i OFFSET SIZE, o OFFSET SIZE VALUE     reads or writes a port of mechanism 1
 *   v OFFSET SIZE, V OFFSET SIZE VALUE     reads or writes memory in the window for BARs
 *   x DATA                     how many messages with that data (below 64) were sent to 0xfee00000
 *   l LINE                     level of an interrupt line
 *   n GPA                      how many eventfds are waiting for writes there
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device_spec.h"
#include "devices.h"
#include "fake_bus.h"
#include "guestmem.h"
#include "loop.h"
#include "virtio_device.h"
#include "virtio_mmio.h"
#include "virtio_pci.h"

#define MIB (1u << 20)
#define HIGH_GPA 0x100000000ull
#define HIGH_SIZE (8 * MIB)
#define MAX_DEVICES FAKE_BUS_DEVICES
#define MIN_TURNS 40

struct host {
    AioContext *ctx;
    struct guestmem *memory;
    int ram_fd;
    unsigned n_devices;
    struct virtio_device *device[MAX_DEVICES];
    struct virtio_mmio *mmio[MAX_DEVICES];
    struct virtio_pci *pci[MAX_DEVICES];
    unsigned long interrupts[MAX_DEVICES];
    /* PCI only. */
    bool is_pci;
    struct fake_bus bus;
};

struct gate {
    struct virtio_device *dev;
    uint64_t value;         /* the configuration space; writable */
};

static bool gate_closed;
static struct {
    uint64_t gpa;
    unsigned n;
} gate_offers;                  /* what its requests add to */
static struct loop_timer gate_timer;

static void open_gate(void *opaque)
{
    (void)opaque;
    gate_closed = false;
}

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

static void offer_another(struct virtio_device *dev)
{
    struct guestmem_map *map = guestmem_hold(virtio_memory(dev));
    uint16_t *place = guestmem_hva(map, gate_offers.gpa, sizeof *place);

    ++*place;
    gate_offers.n--;
    guestmem_drop(map);
}

static void coroutine_fn gate_request(void *state, uint16_t queue, struct vq_chain *chain)
{
    (void)queue;
    if (gate_offers.n > 0) {
        offer_another(((struct gate *)state)->dev);
    }
    while (gate_closed) {
        co_sleep_ns(1000000);
    }
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

/* ---- setting up ----------------------------------------------------------------------------- */

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
    host->bus.adding = i;
    if (host->is_pci) {
        host->pci[i] = virtio_pci_new(host->device[i], &host->bus.bus);
        check(host->pci[i] ? 0 : -ENOSPC, "function");
    } else {
        host->mmio[i] = virtio_mmio_new(host->device[i], on_interrupt, &host->interrupts[i]);
    }
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
    if (spec.packed) {
        virtio_offer_packed(host->device[host->n_devices - 1]);
    }
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
    host->is_pci = strcmp(argv[6], "pci") == 0;
    fake_bus_init(&host->bus, host->ctx, host->interrupts);
    add_device(host, device_class("blk"), (uint16_t)atoi(argv[4]), &first);
    add_device(host, device_class("blk"), 1, &second);
    add_device(host, &gate_class, 2, &none);
    for (unsigned i = 0; i < host->n_devices && strcmp(argv[5], "packed") == 0; i++) {
        virtio_offer_packed(host->device[i]);
    }
    for (char **more = argv + 7; *more; more++) {
        add_spec(host, *more);
    }
}

static void tear_down(struct host *host)
{
    for (unsigned i = 0; i < host->n_devices; i++) {
        virtio_reset(host->device[i]);
    }
    fake_bus_quiet(&host->bus);
    for (unsigned i = 0; i < host->n_devices; i++) {
        if (host->is_pci) {
            virtio_pci_free(host->pci[i]);
        } else {
            virtio_mmio_free(host->mmio[i]);
        }
        virtio_device_free(host->device[i]);
    }
    fake_bus_free(&host->bus);
    guestmem_free(host->memory);
    close(host->ram_fd);
    loop_free(host->ctx);
}

static void poll_for(struct host *host, unsigned device, unsigned long n, long ms)
{
    int64_t end = loop_now_ns() + ms * 1000000;

    /* Some turns in any case: on a busy machine the time is over before the first. */
    for (unsigned turn = 0;
         host->interrupts[device] < n && (turn < MIN_TURNS || loop_now_ns() < end); turn++) {
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

static uint64_t read_register(struct host *host, unsigned device, uint64_t offset, unsigned size)
{
    const struct pci_function *fn;

    if (!host->is_pci) {
        return virtio_mmio_read(host->mmio[device], offset, size);
    }
    fn = virtio_pci_function(host->pci[device]);
    return fn->read(fn->opaque, offset, size);
}

static void write_register(struct host *host, unsigned device, uint64_t offset, unsigned size,
                           uint64_t value)
{
    const struct pci_function *fn;

    if (!host->is_pci) {
        virtio_mmio_write(host->mmio[device], offset, size, value);
        return;
    }
    fn = virtio_pci_function(host->pci[device]);
    fn->write(fn->opaque, offset, size, value);
}

static void kick(struct host *host, unsigned device, uint16_t q)
{
    uint64_t one = 1;

    if (host->is_pci) {
        write_register(host, device, VIRTIO_PCI_KICK + 4ull * q, 2, q);
    } else if (write(virtio_mmio_kick_fd(host->mmio[device], q), &one, sizeof one) < 0) {
        check(-errno, "kick");
    }
}

/* Commands of the bus. False: it is none. */
static bool execute_pci(struct host *host, char command, uint64_t at, unsigned size, uint64_t value)
{
    uint64_t answer = 0;

    switch (command) {
    case 'e':
        answer = pci_ecam_read(&host->bus.bus, at, size);
        break;
    case 'i':
        answer = pci_port_read(&host->bus.bus, at, size);
        break;
    case 'v':
        answer = pci_window_read(&host->bus.bus, at, size);
        break;
    case 'E':
        pci_ecam_write(&host->bus.bus, at, size, value);
        break;
    case 'o':
        pci_port_write(&host->bus.bus, at, size, value);
        break;
    case 'V':
        pci_window_write(&host->bus.bus, at, size, value);
        break;
    case 'x':
        answer = host->bus.sent[at % FAKE_BUS_DATA];
        break;
    case 'l':
        answer = host->bus.line[at % PCI_LINES];
        break;
    case 'n':
        answer = fake_bus_count_kicks(&host->bus, at);
        break;
    default:
        return false;
    }
    printf("%llu\n", (unsigned long long)answer);
    return true;
}

/* One command. False: the end. */
static bool execute(struct host *host, const char *line)
{
    unsigned long long device = 0, a = 0, b = 0, c = 0;
    char command = '\0';

    if (sscanf(line, "%c %llu %llu %llu %llu", &command, &device, &a, &b, &c) < 1 ||
        (strchr("rwkp", command) && device >= host->n_devices)) {
        return false;
    }
    switch (command) {
    case 'r':
        printf("%llu\n",
               (unsigned long long)read_register(host, (unsigned)device, a, (unsigned)b));
        return true;
    case 'w':
        write_register(host, (unsigned)device, a, (unsigned)b, c);
        break;
    case 'k':
        kick(host, (unsigned)device, (uint16_t)a);
        break;
    case 'p':
        poll_for(host, (unsigned)device, a, (long)b);
        return true;
    case 'a':
        gate_offers.gpa = device;
        gate_offers.n = (unsigned)a;
        break;
    case 'g':
        gate_closed = true;
        break;
    case 'u':
        loop_timer_init(&gate_timer, host->ctx, open_gate, NULL);
        loop_timer_set(&gate_timer, loop_now_ns() + (int64_t)device * 1000000);
        break;
    case 'm':
    case 'd':
        change_memory(host, command == 'm');
        return true;
    default:
        return execute_pci(host, command, device, (unsigned)a, b);
    }
    printf("ok\n");
    return true;
}

int main(int argc, char **argv)
{
    static struct host host;
    char line[128];

    if (argc < 7 || argc > 7 + MAX_DEVICES - 3) {
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
