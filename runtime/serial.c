/*
 * serial.c - see serial.h. Registers and bits are the PC16550D data sheet's.
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
    OUT_SIZE = 1024,
};

struct serial {
    pthread_mutex_t lock;   /* guards everything below */
    const struct serial_ops *ops;
    void *opaque;
    int out_fd;
    bool irq;               /* the line's level */
    bool thre_pending;
    uint8_t ier, lcr, mcr, scr, dll, dlm;
    bool fifo_enabled;
    uint8_t fifo[FIFO_SIZE];
    unsigned fifo_first, fifo_used;
    uint8_t out[OUT_SIZE];
    size_t out_used;
};

/* Writes all of `out`; a reader that has gone or an error loses it, the guest must not notice. */
static void flush_locked(struct serial *s)
{
    size_t done = 0;

    while (done < s->out_used) {
        ssize_t n = write(s->out_fd, s->out + done, s->out_used - done);

        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd writable = {.fd = s->out_fd, .events = POLLOUT};

            poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            break;
        }
    }
    s->out_used = 0;
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
    } else {
        s->out[s->out_used++] = byte;
        if (byte == '\n' || s->out_used == OUT_SIZE)
            flush_locked(s);
        else if (s->out_used == 1)
            s->ops->batching(s->opaque);
    }
    /* The transmitter is empty again at once; an edge, so that the guest gets an interrupt for
     * each. */
    s->thre_pending = false;
    update_irq(s);
    s->thre_pending = true;
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
        return LSR_TRANSMITTER_EMPTY | (s->fifo_used > 0 ? LSR_DATA_READY : 0);
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
    if (!had_thre && (s->ier & IER_THRE))
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
    serial_flush(s);
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
    flush_locked(s);
    pthread_mutex_unlock(&s->lock);
}
