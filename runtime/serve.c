/*
 * vmm serve: options of the command and of the device's class, the loop, signals.
 *
 * The class names its options, so a new device needs nothing here. SIGTERM and SIGINT end the
 * daemon after the requests in flight; SIGUSR1 prints every coroutine with its logical backtrace.
 * All signals arrive through a signalfd, in the loop. The sandbox is entered when all is open and
 * nothing of a client has been looked at.
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
#include "device_spec.h"
#include "devices.h"
#include "guestmem.h"
#include "log.h"
#include "loop.h"
#include "sandbox.h"
#include "vhost_user.h"

#define NO_SANDBOX "no-sandbox"

struct serve {
    const char *socket;
    struct device_spec spec;
    bool no_sandbox;
    AioContext *ctx;
    int signal_fd;
};

static void print_help(FILE *out, const struct virtio_class *class)
{
    fprintf(out, "usage: vmm serve %s --socket PATH [options]\n\n",
            class ? class->name : "DEVICE");
    if (!class) {
        fprintf(out, "Serves one device over vhost-user. Devices:\n\n");
        device_spec_print_classes(out);
        fprintf(out, "\n'vmm serve DEVICE --help' lists a device's options.\n");
        return;
    }
    fprintf(out, "Serves a %s over vhost-user.\n\n", class->summary);
    fprintf(out, "  %-18s %s\n", "--socket PATH", "Unix socket to listen on (required)");
    device_spec_print_options(out, class, "--", ' ');
    fprintf(out, "  %-18s %s\n", "--no-sandbox", "do without seccomp and Landlock");
    fprintf(out, "\nSIGTERM ends it, SIGUSR1 prints its coroutines on stderr.\n");
}

static int usage_error(const struct serve *serve, const char *problem, const char *what)
{
    const char *class = serve->spec.class->name;

    fprintf(stderr, "vmm serve %s: %s '%s'; see 'vmm serve %s --help'\n", class, problem, what,
            class);
    return -EINVAL;
}

static int set_option(struct serve *serve, const char *name, const char *value)
{
    if (strcmp(name, NO_SANDBOX) == 0) {
        serve->no_sandbox = true;
        return 0;
    }
    if (strcmp(name, "socket") != 0) {
        return device_spec_set(&serve->spec, name, value);
    }
    serve->socket = value;
    return value ? 0 : -EINVAL;
}

/* One option at argv[*i], which moves past it; behind the last one argv has a NULL. */
static int parse_option(struct serve *serve, char **argv, int *i)
{
    const char *option = argv[(*i)++], *value = NULL;

    if (strncmp(option, "--", 2) != 0) {
        return usage_error(serve, "unexpected argument", option);
    }
    if (strcmp(option + 2, NO_SANDBOX) != 0 && !device_spec_is_switch(&serve->spec, option + 2)) {
        value = argv[*i];
    }
    switch (set_option(serve, option + 2, value)) {
    case 0:
        *i += value != NULL;
        return 0;
    case -ENOENT:
        return usage_error(serve, "unknown option", option);
    case -ERANGE:
        return usage_error(serve, "not a possible number of queues:", value);
    default:
        return usage_error(serve, "a value is missing after", option);
    }
}

static int parse_options(struct serve *serve, int argc, char **argv)
{
    const struct virtio_option *missing;
    int i = 2;

    while (i < argc) {
        int r = parse_option(serve, argv, &i);

        if (r) {
            return r;
        }
    }
    if (!serve->socket) {
        return usage_error(serve, "missing option", "--socket");
    }
    missing = device_spec_missing(&serve->spec);
    if (missing) {
        char name[40];

        snprintf(name, sizeof name, "--%s", missing->name);
        return usage_error(serve, "missing option", name);
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
    const struct virtio_class *class = serve->spec.class;
    int r = SERVE_OK;
    struct virtio_device *dev = device_spec_make(&serve->spec, class->name, serve->ctx, memory,
                                                 &error);

    if (!dev) {
        fprintf(stderr, "vmm serve %s: %s\n", class->name, error.text);
        return SERVE_ERROR;
    }
    vu = vhost_user_new(dev, serve->socket, &error);
    if (!vu) {
        fprintf(stderr, "vmm serve %s: %s\n", class->name, error.text);
        virtio_device_free(dev);
        return SERVE_ERROR;
    }
    if (!serve->no_sandbox && sandbox_enter_daemon(serve->socket) < 0) {
        r = SERVE_ERROR;        /* logged */
    } else {
        log_info("serve", "%s with %u queues on %s (%s)", class->name, serve->spec.n_queues,
                 serve->socket, loop_backend_name(serve->ctx));
        loop_run(serve->ctx);
    }
    vhost_user_free(vu);
    virtio_device_free(dev);
    return r;
}

int serve_main(int argc, char **argv)
{
    struct serve serve = { NULL };
    const struct virtio_class *class;
    struct guestmem *memory;
    int r;

    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        print_help(argc < 2 ? stderr : stdout, NULL);
        return argc < 2 ? SERVE_USAGE : SERVE_OK;
    }
    class = device_class(argv[1]);
    if (!class) {
        fprintf(stderr, "vmm serve: no device '%s'; see 'vmm serve --help'\n", argv[1]);
        return SERVE_USAGE;
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help(stdout, class);
            return SERVE_OK;
        }
    }
    device_spec_init(&serve.spec, class);
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
