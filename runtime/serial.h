/*
 * serial.h - a 16550A UART: the guest's console.
 *
 * What the guest sends goes to `out_fd`, batched; what arrives with serial_input is received
 * through its 16-byte FIFO. The THRE interrupt works as the chip's does (Linux' transmitter depends
 * on it): it is pending from the moment the transmitter is empty and the interrupt enabled until
 * IIR is read or a byte is written.
 *
 * Threads: registers are accessed by vCPU threads, input comes from the loop thread; a mutex inside
 * guards everything, and is held while the interrupt line is set.
 */
#ifndef CPC_SERIAL_H
#define CPC_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SERIAL_PORT = 0x3f8,    /* COM1: eight ports and its interrupt */
    SERIAL_PORTS = 8,
    SERIAL_GSI = 4,
};

struct serial;

/* What the UART asks of its surroundings; called with its lock held, so they must not call back. */
struct serial_ops {
    void (*set_irq)(void *opaque, bool level);
    void (*batching)(void *opaque);     /* output waits now: serial_flush is due in a moment */
    void (*sent)(void *opaque, uint8_t byte);   /* by the guest; NULL: nobody wants to know */
};

/*
 * A UART that writes to `out_fd` (borrowed). NULL when memory is short. Freed, with a last flush,
 * by serial_free.
 */
struct serial *serial_new(int out_fd, const struct serial_ops *ops, void *opaque);
void serial_free(struct serial *serial);

/* One register access, `offset` below SERIAL_PORTS; the register is one byte wide. */
uint8_t serial_read(struct serial *serial, unsigned offset);
void serial_write(struct serial *serial, unsigned offset, uint8_t value);

/* How many bytes serial_input would take now; 0 while the guest has not emptied the FIFO. */
size_t serial_room(struct serial *serial);

/* Receives `size` bytes, at most serial_room of them. */
void serial_input(struct serial *serial, const uint8_t *bytes, size_t size);

/*
 * Writes out what is still batched. The loop calls it when the guest has been silent for a moment.
 */
void serial_flush(struct serial *serial);

#endif
