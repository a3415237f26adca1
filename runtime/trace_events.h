/* Made from trace-events by cpc/trace_events.py: do not edit. */
#ifndef CPC_TRACE_EVENTS_H
#define CPC_TRACE_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "trace.h"

enum {
    TRACE_VCPU_EXIT,
    TRACE_VCPU_PORT,
    TRACE_VCPU_MMIO,
    TRACE_VIRTIO_REQUEST_BEGIN,
    TRACE_VIRTIO_REQUEST_END,
    TRACE_VIRTIO_KICK,
    TRACE_VIRTIO_SIGNAL,
    TRACE_VIRTIO_QUEUE_START,
    TRACE_VIRTIO_QUEUE_STOP,
};

#ifdef TRACE_DESCRIPTIONS
static const struct trace_description trace_descriptions[] = {
    {"vcpu_exit", "i", NULL, {"vcpu", "reason"}, "uu"},
    {"vcpu_port", "i", NULL, {"vcpu", "port", "is_write", "size"}, "uuuu"},
    {"vcpu_mmio", "i", NULL, {"vcpu", "gpa", "is_write", "size"}, "uuuu"},
    {"virtio_request_begin", "b", "device", {"queue", "head"}, "uu"},
    {"virtio_request_end", "e", "device", {"queue", "head", "written"}, "uuu"},
    {"virtio_kick", "i", "device", {"queue"}, "u"},
    {"virtio_signal", "i", "device", {"queue"}, "u"},
    {"virtio_queue_start", "i", "device", {"queue", "size"}, "uu"},
    {"virtio_queue_stop", "i", "device", {"queue"}, "u"},
};
#endif

static inline void trace_vcpu_exit(unsigned vcpu, uint32_t reason)
{
    if (__builtin_expect(trace_on, 0)) {
        const uint64_t numbers[] = {(uint64_t)vcpu, (uint64_t)reason};

        trace_record(TRACE_VCPU_EXIT, NULL, numbers, 2);
    }
}

static inline void trace_vcpu_port(unsigned vcpu, uint16_t port, bool is_write, unsigned size)
{
    if (__builtin_expect(trace_on, 0)) {
        const uint64_t numbers[] = {(uint64_t)vcpu, (uint64_t)port, (uint64_t)is_write, (uint64_t)size};

        trace_record(TRACE_VCPU_PORT, NULL, numbers, 4);
    }
}

static inline void trace_vcpu_mmio(unsigned vcpu, uint64_t gpa, bool is_write, unsigned size)
{
    if (__builtin_expect(trace_on, 0)) {
        const uint64_t numbers[] = {(uint64_t)vcpu, (uint64_t)gpa, (uint64_t)is_write, (uint64_t)size};

        trace_record(TRACE_VCPU_MMIO, NULL, numbers, 4);
    }
}

static inline void trace_virtio_request_begin(const char *device, uint16_t queue, uint16_t head)
{
    if (__builtin_expect(trace_on, 0)) {
        const uint64_t numbers[] = {(uint64_t)queue, (uint64_t)head};

        trace_record(TRACE_VIRTIO_REQUEST_BEGIN, device, numbers, 2);
    }
}

static inline void trace_virtio_request_end(
    const char *device,
    uint16_t queue,
    uint16_t head,
    uint32_t written)
{
    if (__builtin_expect(trace_on, 0)) {
        const uint64_t numbers[] = {(uint64_t)queue, (uint64_t)head, (uint64_t)written};

        trace_record(TRACE_VIRTIO_REQUEST_END, device, numbers, 3);
    }
}

static inline void trace_virtio_kick(const char *device, uint16_t queue)
{
    if (__builtin_expect(trace_on, 0)) {
        const uint64_t numbers[] = {(uint64_t)queue};

        trace_record(TRACE_VIRTIO_KICK, device, numbers, 1);
    }
}

static inline void trace_virtio_signal(const char *device, uint16_t queue)
{
    if (__builtin_expect(trace_on, 0)) {
        const uint64_t numbers[] = {(uint64_t)queue};

        trace_record(TRACE_VIRTIO_SIGNAL, device, numbers, 1);
    }
}

static inline void trace_virtio_queue_start(const char *device, uint16_t queue, unsigned size)
{
    if (__builtin_expect(trace_on, 0)) {
        const uint64_t numbers[] = {(uint64_t)queue, (uint64_t)size};

        trace_record(TRACE_VIRTIO_QUEUE_START, device, numbers, 2);
    }
}

static inline void trace_virtio_queue_stop(const char *device, uint16_t queue)
{
    if (__builtin_expect(trace_on, 0)) {
        const uint64_t numbers[] = {(uint64_t)queue};

        trace_record(TRACE_VIRTIO_QUEUE_STOP, device, numbers, 1);
    }
}

#endif
