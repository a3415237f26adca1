/*
 * aml.c - see aml.h. Encodings are those of the ACPI specification 6.1, chapters 6.4 and 20.
 */
#include "aml.h"

#include <string.h>

void aml_put(struct aml *t, const void *bytes, size_t size)
{
    if (t->full || size > t->size - t->used) {
        t->full = true;
        return;
    }
    memcpy(t->bytes + t->used, bytes, size);
    t->used += size;
}

void aml_put8(struct aml *t, uint8_t value)
{
    aml_put(t, &value, sizeof value);
}

void aml_put16(struct aml *t, uint16_t value)
{
    aml_put(t, &value, sizeof value);
}

void aml_put32(struct aml *t, uint32_t value)
{
    aml_put(t, &value, sizeof value);
}

void aml_put64(struct aml *t, uint64_t value)
{
    aml_put(t, &value, sizeof value);
}

void aml_zeroes(struct aml *t, size_t count)
{
    while (count-- > 0)
        aml_put8(t, 0);
}

size_t aml_begin_package(struct aml *t)
{
    aml_zeroes(t, 3);
    return t->used - 3;
}

void aml_end_package(struct aml *t, size_t at)
{
    size_t length = t->used - at;

    if (t->full)
        return;
    t->bytes[at] = (uint8_t)(2 << 6 | (length & 0x0f));
    t->bytes[at + 1] = (uint8_t)(length >> 4);
    t->bytes[at + 2] = (uint8_t)(length >> 12);
}

size_t aml_begin_device(struct aml *t, const char *name)
{
    size_t package;

    aml_put8(t, AML_EXT);
    aml_put8(t, AML_EXT_DEVICE);
    package = aml_begin_package(t);
    aml_put(t, name, 4);
    return package;
}

void aml_name(struct aml *t, const char *name)
{
    aml_put8(t, AML_NAME);
    aml_put(t, name, 4);
}

void aml_id(struct aml *t, const char *id)
{
    aml_name(t, "_HID");
    aml_put8(t, AML_STRING);
    aml_put(t, id, strlen(id) + 1);
}

void aml_coherent(struct aml *t)
{
    aml_name(t, "_CCA");
    aml_put8(t, AML_ONE);
}

void aml_pnp_id(struct aml *t, uint16_t product)
{
    aml_name(t, "_HID");
    aml_put8(t, AML_DWORD);
    aml_put8(t, 0x41);
    aml_put8(t, 0xd0);
    aml_put8(t, (uint8_t)(product >> 8));
    aml_put8(t, (uint8_t)product);
}

void aml_byte_name(struct aml *t, const char *name, uint8_t value)
{
    aml_name(t, name);
    aml_put8(t, AML_BYTE);
    aml_put8(t, value);
}

size_t aml_begin_resources(struct aml *t)
{
    size_t package;

    aml_name(t, "_CRS");
    aml_put8(t, AML_BUFFER);
    package = aml_begin_package(t);
    aml_put8(t, AML_BYTE);
    aml_put8(t, 0);
    return package;
}

void aml_end_resources(struct aml *t, size_t package)
{
    aml_put8(t, 0x79);              /* end tag, checksum unused */
    aml_put8(t, 0);
    if (!t->full)
        t->bytes[package + 4] = (uint8_t)(t->used - package - 5);
    aml_end_package(t, package);
}

void aml_io(struct aml *t, uint16_t port, uint8_t count)
{
    aml_put8(t, 0x47);              /* I/O port descriptor, 16-bit decode */
    aml_put8(t, 1);
    aml_put16(t, port);
    aml_put16(t, port);
    aml_put8(t, 1);
    aml_put8(t, count);
}

void aml_memory32(struct aml *t, uint32_t gpa, uint32_t size)
{
    aml_put8(t, 0x86);              /* Memory32Fixed, read-write */
    aml_put16(t, 9);
    aml_put8(t, 1);
    aml_put32(t, gpa);
    aml_put32(t, size);
}

void aml_interrupt(struct aml *t, uint32_t gsi)
{
    aml_put8(t, 0x89);              /* extended interrupt: consumer, edge, active high, exclusive */
    aml_put16(t, 6);
    aml_put8(t, 0x03);
    aml_put8(t, 1);
    aml_put32(t, gsi);
}

/* A word or a double word address space descriptor: min to max is passed on to the bus. */
void aml_address_space(struct aml *t, unsigned width, uint8_t type, uint32_t min, uint32_t max)
{
    uint32_t fields[] = {0, min, max, 0, max - min + 1};    /* granularity, ..., translation, length */

    aml_put8(t, width == 2 ? 0x88 : 0x87);
    aml_put16(t, (uint16_t)(3 + 5 * width));
    aml_put8(t, type);              /* 0 memory, 1 ports, 2 bus numbers */
    aml_put8(t, 0x0c);              /* producer, positive decode, both ends fixed */
    aml_put8(t, type == 0 ? 0x01 : type == 1 ? 0x03 : 0);   /* read-write; all of the port range */
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++)
        aml_put(t, &fields[i], width);
}
