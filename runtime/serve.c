/*
 * vmm serve: options of the command and of the device's class, the loop, signals.
 *
 * The class names its options, so a new device needs nothing here. SIGTERM and SIGINT end the
 * daemon after the requests in flight; SIGUSR1 prints every coroutine with its logical backtrace.
 * All signals arrive through a signalfd, in the loop.
 */
#include "serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "co.h"
#include "devices.h"
#include "guestmem.h"
#include "log.h"
#include "loop.h"
#include "vhost_user.h"

struct serve {
    const struct virtio_class *class;
    const char *socket;
    uint16_t n_queues;
    struct virtio_config_values values;
    AioContext *ctx;
    int signal_fd;
};

static void print_help(FILE *out, const struct virtio_class *class)
{
    fprintf(out, "usage: vmm serve %s --socket PATH [options]\n\n",
            class ? class->name : "DEVICE");
    if (!class) {
        fprintf(out, "Serves one device over vhost-user. Devices:\n\n");
        for (unsigned i = 0; device_classes[i]; i++) {
            fprintf(out, "  %-10s %s\n", device_classes[i]->name, device_classes[i]->summary);
        }
        fprintf(out, "\n'vmm serve DEVICE --help' lists a device's options.\n");
        return;
    }
    fprintf(out, "Serves a %s over vhost-user.\n\n", class->summary);
    fprintf(out, "  %-18s %s\n", "--socket PATH", "Unix socket to listen on (required)");
    fprintf(out, "  %-18s queues, 1 to %u (default 1)\n", "--queues N", class->max_queues);
    for (const struct virtio_option *o = class->options; o->name; o++) {
        char left[40];

        snprintf(left, sizeof left, "--%s %s", o->name, o->metavar ? o->metavar : "");
        fprintf(out, "  %-18s %s%s\n", left, o->help, o->required ? " (required)" : "");
    }
    fprintf(out, "\nSIGTERM ends it, SIGUSR1 prints its coroutines on stderr.\n");
}

static int usage_error(const struct serve *serve, const char *problem, const char *what)
{
    fprintf(stderr, "vmm serve %s: %s '%s'; see 'vmm serve %s --help'\n", serve->class->name,
            problem, what, serve->class->name);
    return -EINVAL;
}

/* Where the value of option name belongs; *takes_value says whether it has one. NULL: unknown. */
static const char **find_option(struct serve *serve, const char *name, bool *takes_value)
{
    *takes_value = true;
    if (strcmp(name, "socket") == 0) {
        return &serve->socket;
    }
    for (unsigned i = 0; serve->class->options[i].name; i++) {
        if (strcmp(serve->class->options[i].name, name) == 0) {
            *takes_value = serve->class->options[i].metavar != NULL;
            return &serve->values.values[i];
        }
    }
    return NULL;
}

static int parse_queues(struct serve *serve, const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || n == 0 || n > serve->class->max_queues) {
        return usage_error(serve, "not a possible number of queues:", text);
    }
    serve->n_queues = (uint16_t)n;
    return 0;
}

/* One option at argv[*i], which moves past it. */
static int parse_option(struct serve *serve, int argc, char **argv, int *i)
{
    const char *option = argv[(*i)++], *value = option;
    const char *queues = NULL, **place;
    bool takes_value;

    if (strncmp(option, "--", 2) != 0) {
        return usage_error(serve, "unexpected argument", option);
    }
    place = find_option(serve, option + 2, &takes_value);
    if (!place && strcmp(option, "--queues") == 0) {
        place = &queues;
    }
    if (!place) {
        return usage_error(serve, "unknown option", option);
    }
    if (takes_value) {
        if (*i == argc) {
            return usage_error(serve, "a value is missing after", option);
        }
        value = argv[(*i)++];
    }
    *place = value;
    return queues ? parse_queues(serve, queues) : 0;
}

static int parse_options(struct serve *serve, int argc, char **argv)
{
    int i = 2;

    while (i < argc) {
        int r = parse_option(serve, argc, argv, &i);

        if (r) {
            return r;
        }
    }
    if (!serve->socket) {
        return usage_error(serve, "missing option", "--socket");
    }
    for (unsigned k = 0; serve->class->options[k].name; k++) {
        if (serve->class->options[k].required && !serve->values.values[k]) {
            char name[40];

            snprintf(name, sizeof name, "--%s", serve->class->options[k].name);
            return usage_error(serve, "missing option", name);
        }
    }
    return 0;
}

static void on_signal(void *opaque)
{
    struct serve *serve = opaque;
    struct signalfd_siginfo info;

    if (read(serve->signal_fd, &info, sizeof info) != sizeof info) {
        return;
    }
    if (info.ssi_signo == SIGUSR1) {
        co_dump(stderr);
    } else {
        loop_stop(serve->ctx);
    }
}

/* Before any thread is made, so that none takes the signals away. */
static int block_signals(struct serve *serve)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    serve->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return serve->signal_fd < 0 ? -errno : 0;
}

/* Makes device and socket on memory, runs the loop, takes them down again. */
static int run(struct serve *serve, struct guestmem *memory)
{
    struct virtio_error error = { "" };
    struct vhost_user *vu;
    struct virtio_device *dev = virtio_device_new(serve->class, serve->class->name, serve->ctx,
                                                  memory, serve->n_queues, &serve->values, &error);

    if (!dev) {
        fprintf(stderr, "vmm serve %s: %s\n", serve->class->name, error.text);
        return SERVE_ERROR;
    }
    vu = vhost_user_new(dev, serve->socket, &error);
    if (!vu) {
        fprintf(stderr, "vmm serve %s: %s\n", serve->class->name, error.text);
        virtio_device_free(dev);
        return SERVE_ERROR;
    }
    log_info("serve", "%s with %u queues on %s (%s)", serve->class->name, serve->n_queues,
             serve->socket, loop_backend_name(serve->ctx));
    loop_run(serve->ctx);
    vhost_user_free(vu);
    virtio_device_free(dev);
    return SERVE_OK;
}

int serve_main(int argc, char **argv)
{
    struct serve serve = { .n_queues = 1 };
    struct guestmem *memory;
    int r;

    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        print_help(argc < 2 ? stderr : stdout, NULL);
        return argc < 2 ? SERVE_USAGE : SERVE_OK;
    }
    serve.class = device_class(argv[1]);
    if (!serve.class) {
        fprintf(stderr, "vmm serve: no device '%s'; see 'vmm serve --help'\n", argv[1]);
        return SERVE_USAGE;
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help(stdout, serve.class);
            return SERVE_OK;
        }
    }
    if (parse_options(&serve, argc, argv)) {
        return SERVE_USAGE;
    }
    r = block_signals(&serve);
    if (r == 0) {
        r = loop_new(&serve.ctx);
    }
    if (r) {
        fprintf(stderr, "vmm serve: cannot start the event loop: %s\n", strerror(-r));
        return SERVE_ERROR;
    }
    loop_attach(serve.ctx);
    aio_set_fd_handler(serve.ctx, serve.signal_fd, on_signal, &serve);
    memory = guestmem_new();
    r = run(&serve, memory);
    guestmem_free(memory);
    aio_set_fd_handler(serve.ctx, serve.signal_fd, NULL, NULL);
    close(serve.signal_fd);
    loop_free(serve.ctx);
    return r;
}
