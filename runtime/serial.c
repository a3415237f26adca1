/*
 * serial.c - see serial.h. Registers and bits are the PC16550D data sheet's.
 *
 * Nothing here waits while the guest runs: a reader that does not read must not stop the vCPU, and
 * still less the loop, which has to answer signals. What cannot be written stays in the buffer;
 * when that is full the transmitter is not empty, as on a slow line, and the guest waits for it.
 *
 * Output is written at the end of a line, when the buffer is full, when the guest has been silent
 * (serial_flush by the loop) and at the end; a write per byte would cost a system call for each.
 */
#include "serial.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    REG_DATA = 0,   /* RBR, THR; DLL with LCR.DLAB */
    REG_IER = 1,    /* DLM with LCR.DLAB */
    REG_IIR = 2,    /* FCR when written */
    REG_LCR = 3,
    REG_MCR = 4,
    REG_LSR = 5,
    REG_MSR = 6,
    REG_SCR = 7,

    IER_RECEIVED = 0x01,
    IER_THRE = 0x02,
    IER_MASK = 0x0f,
    IIR_NONE = 0x01,
    IIR_THRE = 0x02,
    IIR_RECEIVED = 0x04,
    IIR_FIFO = 0xc0,
    FCR_ENABLE = 0x01,
    FCR_CLEAR_RECEIVED = 0x02,
    LCR_DLAB = 0x80,
    MCR_LOOPBACK = 0x10,
    LSR_DATA_READY = 0x01,
    LSR_TRANSMITTER_EMPTY = 0x60,
    MSR_CONNECTED = 0xb0,   /* carrier, data set ready, clear to send */

    FIFO_SIZE = 16,
    OUT_SIZE = 4096,        /* a pipe that poll calls writable takes as much at once */
    LAST_FLUSH_MS = 1000,
};

struct serial {
    pthread_mutex_t lock;   /* guards everything below */
    const struct serial_ops *ops;
    void *opaque;
    int out_fd;
    bool irq;               /* the line's level */
    bool thre_pending;
    bool stalled;           /* the buffer is full: the transmitter is not empty */
    bool flush_asked;       /* serial_flush is to come */
    uint8_t ier, lcr, mcr, scr, dll, dlm;
    bool fifo_enabled;
    uint8_t fifo[FIFO_SIZE];
    unsigned fifo_first, fifo_used;
    uint8_t out[OUT_SIZE];
    size_t out_used;
};

/* Output waits: the loop is to call serial_flush, once. */
static void ask_for_flush(struct serial *s)
{
    if (!s->flush_asked)
        s->ops->batching(s->opaque);
    s->flush_asked = true;
}

/*
 * Writes what can be written within `wait_ms`. A reader that has gone or an error loses all of it:
 * the guest must not notice.
 */
static void flush_locked(struct serial *s, int wait_ms)
{
    struct pollfd writable = {.fd = s->out_fd, .events = POLLOUT};

    while (s->out_used > 0 && poll(&writable, 1, wait_ms) > 0) {
        ssize_t n = write(s->out_fd, s->out, s->out_used);

        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            break;
        if (n < 0)
            n = (ssize_t)s->out_used;
        s->out_used -= (size_t)n;
        memmove(s->out, s->out + n, s->out_used);
    }
    if (s->stalled && s->out_used < OUT_SIZE) {
        s->stalled = false;
        s->thre_pending = true;
    }
    if (s->out_used > 0)
        ask_for_flush(s);
}

static void update_irq(struct serial *s)
{
    bool level =
        ((s->ier & IER_RECEIVED) && s->fifo_used > 0) || ((s->ier & IER_THRE) && s->thre_pending);

    if (level != s->irq) {
        s->irq = level;
        s->ops->set_irq(s->opaque, level);
    }
}

static void receive(struct serial *s, uint8_t byte)
{
    if (s->fifo_used == FIFO_SIZE)
        return;             /* overrun: the chip loses the byte too */
    s->fifo[(s->fifo_first + s->fifo_used++) % FIFO_SIZE] = byte;
}

static uint8_t take_received(struct serial *s)
{
    uint8_t byte;

    if (s->fifo_used == 0)
        return 0;
    byte = s->fifo[s->fifo_first];
    s->fifo_first = (s->fifo_first + 1) % FIFO_SIZE;
    s->fifo_used--;
    return byte;
}

static void transmit(struct serial *s, uint8_t byte)
{
    if (s->mcr & MCR_LOOPBACK) {
        receive(s, byte);
    } else if (s->out_used < OUT_SIZE) { /* else the guest did not look, and loses the byte */
        s->out[s->out_used++] = byte;
        if (s->ops->sent != NULL)
            s->ops->sent(s->opaque, byte);
        if (byte == '\n' || s->out_used == OUT_SIZE)
            flush_locked(s, 0);
        else
            ask_for_flush(s);
    }
    /* Empty again at once, unless it is stalled; an edge, so that each byte has its interrupt. */
    s->thre_pending = false;
    update_irq(s);
    s->stalled = s->out_used == OUT_SIZE;
    s->thre_pending = !s->stalled;
}

static uint8_t read_lsr(struct serial *s)
{
    uint8_t ready = s->fifo_used > 0 ? LSR_DATA_READY : 0;

    if (s->stalled)
        flush_locked(s, 0);
    return s->stalled ? ready : ready | LSR_TRANSMITTER_EMPTY;
}

static uint8_t read_iir(struct serial *s)
{
    uint8_t fifo = s->fifo_enabled ? IIR_FIFO : 0;

    if ((s->ier & IER_RECEIVED) && s->fifo_used > 0)
        return fifo | IIR_RECEIVED;
    if ((s->ier & IER_THRE) && s->thre_pending) {
        s->thre_pending = false;
        return fifo | IIR_THRE;
    }
    return fifo | IIR_NONE;
}

static uint8_t read_msr(const struct serial *s)
{
    if (!(s->mcr & MCR_LOOPBACK))
        return MSR_CONNECTED;
    /* Looped back: DTR, RTS, OUT1, OUT2 appear as DSR, CTS, RI, DCD. */
    return (uint8_t)((s->mcr & 0x01) << 5 | (s->mcr & 0x02) << 3 | (s->mcr & 0x0c) << 4);
}

static uint8_t read_register(struct serial *s, unsigned offset)
{
    bool divisor = s->lcr & LCR_DLAB;

    switch (offset) {
    case REG_DATA:
        return divisor ? s->dll : take_received(s);
    case REG_IER:
        return divisor ? s->dlm : s->ier;
    case REG_IIR:
        return read_iir(s);
    case REG_LCR:
        return s->lcr;
    case REG_MCR:
        return s->mcr;
    case REG_LSR:
        return read_lsr(s);
    case REG_MSR:
        return read_msr(s);
    default:
        return s->scr;
    }
}

static void write_ier(struct serial *s, uint8_t value)
{
    bool had_thre = s->ier & IER_THRE;

    s->ier = value & IER_MASK;
    if (!had_thre && (s->ier & IER_THRE) && !s->stalled)
        s->thre_pending = true;     /* enabling it while the transmitter is empty raises it */
}

static void write_fcr(struct serial *s, uint8_t value)
{
    s->fifo_enabled = value & FCR_ENABLE;
    if (value & FCR_CLEAR_RECEIVED)
        s->fifo_used = 0;
}

static void write_register(struct serial *s, unsigned offset, uint8_t value)
{
    bool divisor = s->lcr & LCR_DLAB;

    switch (offset) {
    case REG_DATA:
        if (divisor)
            s->dll = value;
        else
            transmit(s, value);
        break;
    case REG_IER:
        if (divisor)
            s->dlm = value;
        else
            write_ier(s, value);
        break;
    case REG_IIR:
        write_fcr(s, value);
        break;
    case REG_LCR:
        s->lcr = value;
        break;
    case REG_MCR:
        s->mcr = value & 0x1f;
        break;
    case REG_SCR:
        s->scr = value;
        break;
    default:                /* LSR and MSR are read only */
        break;
    }
}

struct serial *serial_new(int out_fd, const struct serial_ops *ops, void *opaque)
{
    struct serial *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    pthread_mutex_init(&s->lock, NULL);
    s->out_fd = out_fd;
    s->ops = ops;
    s->opaque = opaque;
    return s;
}

void serial_free(struct serial *s)
{
    if (s == NULL)
        return;
    s->flush_asked = true;  /* nobody is there to be asked any more */
    flush_locked(s, LAST_FLUSH_MS);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

uint8_t serial_read(struct serial *s, unsigned offset)
{
    uint8_t value;

    pthread_mutex_lock(&s->lock);
    value = read_register(s, offset);
    update_irq(s);
    pthread_mutex_unlock(&s->lock);
    return value;
}

void serial_write(struct serial *s, unsigned offset, uint8_t value)
{
    pthread_mutex_lock(&s->lock);
    write_register(s, offset, value);
    update_irq(s);
    pthread_mutex_unlock(&s->lock);
}

size_t serial_room(struct serial *s)
{
    size_t room;

    pthread_mutex_lock(&s->lock);
    room = FIFO_SIZE - s->fifo_used;
    pthread_mutex_unlock(&s->lock);
    return room;
}

void serial_input(struct serial *s, const uint8_t *bytes, size_t size)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < size; i++)
        receive(s, bytes[i]);
    update_irq(s);
    pthread_mutex_unlock(&s->lock);
}

void serial_flush(struct serial *s)
{
    pthread_mutex_lock(&s->lock);
    s->flush_asked = false;
    flush_locked(s, 0);
    update_irq(s);
    pthread_mutex_unlock(&s->lock);
}
