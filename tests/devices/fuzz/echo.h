/*
 * echo.h - a device for the fuzzers of virtqueues: queue 0 has requests, queue 1 traffic.
 *
 * A request gives back what the driver sent, in pieces, as far as there is room; its first byte
 * says how often it waits meanwhile. Traffic takes one to four chains and fills them together.
 */
#ifndef FUZZ_ECHO_H
#define FUZZ_ECHO_H

struct virtio_device *echo_device(void);

#endif
