/*
 * aml.h - appends ACPI's bytes to a buffer: numbers, AML objects, resource descriptors.
 *
 * A length that is known only at the end of an object is patched where the object began. Package
 * lengths always take their 3-byte form, so that patching moves nothing. What does not fit is left
 * out, and `full` says so from then on.
 */
#ifndef CPC_AML_H
#define CPC_AML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AML_ONE = 0x01,
    AML_NAME = 0x08,
    AML_BYTE = 0x0a,
    AML_DWORD = 0x0c,
    AML_STRING = 0x0d,
    AML_SCOPE = 0x10,
    AML_BUFFER = 0x11,
    AML_PACKAGE = 0x12,
    AML_METHOD = 0x14,
    AML_EXT = 0x5b,
    AML_NOTIFY = 0x86,
    AML_EXT_DEVICE = 0x82,
};

struct aml {
    uint8_t *bytes;                 /* the caller's, `size` of them */
    size_t size, used;
    bool full;
};

void aml_put(struct aml *t, const void *bytes, size_t size);
void aml_put8(struct aml *t, uint8_t value);
void aml_put16(struct aml *t, uint16_t value);
void aml_put32(struct aml *t, uint32_t value);
void aml_put64(struct aml *t, uint64_t value);
void aml_zeroes(struct aml *t, size_t count);

/* Begins a package length, or a device with one, up to its end; returns what that wants. */
size_t aml_begin_package(struct aml *t);
size_t aml_begin_device(struct aml *t, const char *name);
void aml_end_package(struct aml *t, size_t at);

/* Name(`name`, ...): the object follows. Names have 4 characters. */
void aml_name(struct aml *t, const char *name);
void aml_byte_name(struct aml *t, const char *name, uint8_t value);

/* _HID: a text, or PNPxxxx compressed. */
void aml_id(struct aml *t, const char *id);
void aml_pnp_id(struct aml *t, uint16_t product);

/* _CCA: the device's DMA sees the caches. */
void aml_coherent(struct aml *t);

/* _CRS: a buffer of resource descriptors. */
size_t aml_begin_resources(struct aml *t);
void aml_end_resources(struct aml *t, size_t package);
void aml_io(struct aml *t, uint16_t port, uint8_t count);
void aml_memory32(struct aml *t, uint32_t gpa, uint32_t size);
void aml_interrupt(struct aml *t, uint32_t gsi);

/* An address space of the bus: fields of `width` 2 or 4; type 0 memory, 1 ports, 2 bus numbers. */
void aml_address_space(struct aml *t, unsigned width, uint8_t type, uint32_t min, uint32_t max);

#endif
