/*
 * console.c - see console.h.
 *
 * The port batches its output; the vCPU thread that begins a batch has the loop set a timer, so an
 * idle guest wakes nobody and a prompt without a newline still appears.
 */
#include "console.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "char_stream.h"
#include "log.h"
#include "serial.h"

enum {
    ESCAPE_KEY = 0x01,              /* Ctrl-A */
    END_KEY = 'x',
    FLUSH_AFTER_NS = 20 * 1000 * 1000,
    RETRY_AFTER_NS = 5 * 1000 * 1000,
    CHUNK = 16,
};

/* For a signal that ends the process at once, and may come in any thread. */
static struct termios terminal_before;
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

static void restore_terminal(int signal_number)
{
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
    raise(signal_number);           /* SA_RESETHAND: this time it ends the process */
}

struct console {
    struct machine *machine;
    struct kvm *kvm;
    AioContext *ctx;
    struct serial *serial;
    struct loop_timer flush, retry; /* output batched; input the guest had no room for */
    struct kernel_messages messages;        /* under the port's lock while vCPUs run */
    bool reading, is_terminal, escaped;
};

static void set_irq(void *opaque, bool level)
{
    struct console *c = opaque;

    kvm_set_irq_line(c->kvm, SERIAL_GSI, level);
}

static void set_flush_timer(void *opaque)
{
    struct console *c = opaque;

    loop_timer_set(&c->flush, loop_now_ns() + FLUSH_AFTER_NS);
}

static void batching(void *opaque)
{
    struct console *c = opaque;

    aio_bh_schedule_oneshot(c->ctx, set_flush_timer, c);
}

static void sent(void *opaque, uint8_t byte)
{
    struct console *c = opaque;

    bool was_ready = c->messages.ready;

    kernel_messages_read(&c->messages, (char)byte);
    if (c->messages.ready && !was_ready)
        log_event("ready", "");
}

static const struct serial_ops ops = {.set_irq = set_irq, .batching = batching, .sent = sent};

static void flush_now(void *opaque)
{
    struct console *c = opaque;

    serial_flush(c->serial);
}

static uint64_t read_port(void *opaque, uint64_t offset, unsigned size)
{
    struct console *c = opaque;

    return size == 1 ? serial_read(c->serial, (unsigned)offset) : UINT64_MAX;
}

static void write_port(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct console *c = opaque;

    if (size == 1)
        serial_write(c->serial, (unsigned)offset, (uint8_t)value);
}

/*
 * Takes the escape key out of what a terminal sent; returns how many bytes are left for the guest.
 */
static size_t handle_escapes(struct console *c, uint8_t *bytes, size_t size)
{
    size_t kept = 0;

    for (size_t i = 0; i < size; i++) {
        bool escaped = c->escaped;

        c->escaped = !escaped && bytes[i] == ESCAPE_KEY;
        if (escaped && bytes[i] == END_KEY)
            machine_end(c->machine, MACHINE_SIGNAL, SIGHUP);
        else if (!c->escaped)
            bytes[kept++] = bytes[i];
    }
    return kept;
}

static void stop_reading(struct console *c)
{
    if (c->reading)
        aio_set_fd_handler(c->ctx, STDIN_FILENO, NULL, NULL);
    c->reading = false;
}

static void read_input(void *opaque)
{
    struct console *c = opaque;
    size_t room = serial_room(c->serial);
    uint8_t bytes[CHUNK];
    ssize_t n;

    if (room == 0) {        /* level-triggered: come back later instead of spinning */
        stop_reading(c);
        loop_timer_set(&c->retry, loop_now_ns() + RETRY_AFTER_NS);
        return;
    }
    n = read(STDIN_FILENO, bytes, room < CHUNK ? room : CHUNK);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        stop_reading(c);
        return;
    }
    if (c->is_terminal)
        n = (ssize_t)handle_escapes(c, bytes, (size_t)n);
    serial_input(c->serial, bytes, (size_t)n);
}

static void start_reading(void *opaque)
{
    struct console *c = opaque;

    c->reading = aio_set_fd_handler(c->ctx, STDIN_FILENO, read_input, c) == 0;
}

static void make_raw(struct console *c)
{
    struct sigaction action = {.sa_handler = restore_terminal, .sa_flags = SA_RESETHAND};
    struct termios raw = terminal_before;

    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        struct sigaction old;

        if (sigaction(fatal[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            sigaction(fatal[i], &action, NULL);     /* guestmem.c's handler of SIGBUS stays */
    }
    cfmakeraw(&raw);
    raw.c_oflag |= OPOST;           /* our own messages share the terminal */
    c->is_terminal = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

/* A virtio console on our standard input has it alone; the serial port only prints then. */
static void open_input(struct console *c)
{
    struct stat st;

    if (char_stream_has_stdin())
        return;
    if (tcgetattr(STDIN_FILENO, &terminal_before) == 0) {
        make_raw(c);
        start_reading(c);
    } else if (fstat(STDIN_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))) {
        start_reading(c);
    }
}

struct console *console_new(struct machine *machine, struct kvm *kvm, AioContext *ctx)
{
    struct console *c = calloc(1, sizeof *c);
    struct machine_range ports = {
        .base = SERIAL_PORT,
        .size = SERIAL_PORTS,
        .read = read_port,
        .write = write_port,
        .opaque = c,
    };

    if (c != NULL) {
        c->machine = machine;
        c->kvm = kvm;
        c->serial = serial_new(STDOUT_FILENO, &ops, c);
    }
    if (c == NULL || c->serial == NULL || machine_add_ports(machine, &ports) < 0) {
        log_error("vmm", "cannot make the serial port");
        console_free(c);
        return NULL;
    }
    c->ctx = ctx;
    loop_timer_init(&c->flush, ctx, flush_now, c);
    loop_timer_init(&c->retry, ctx, start_reading, c);
    open_input(c);
    return c;
}

void console_free(struct console *c)
{
    if (c == NULL)
        return;
    if (c->ctx != NULL) {
        stop_reading(c);
        while (aio_poll(c->ctx, false))
            ;               /* a batch may just have asked for its timer */
        loop_timer_cancel(&c->flush);
        loop_timer_cancel(&c->retry);
    }
    serial_free(c->serial);
    if (c->is_terminal)
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
    free(c);
}

const struct kernel_messages *console_messages(const struct console *c)
{
    return &c->messages;
}
