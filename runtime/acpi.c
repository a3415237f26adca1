/*
 * acpi.c - see acpi.h. Offsets and encodings are those of the ACPI specification 6.1.
 *
 * Tables and AML are appended to one buffer of the host, which is then copied to the guest: a
 * length that is known only at the end of an AML object is patched where its object began. Package
 * lengths always take their 3-byte form, so that patching moves nothing. One file over 400 lines:
 * the encoders are of no use without the tables, and a table is read beside the encoding of its
 * fields.
 */
#include "acpi.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmos.h"
#include "log.h"
#include "pci_host.h"
#include "serial.h"

enum {
    HEADER_SIZE = 36,
    HEADER_LENGTH = 4,
    HEADER_CHECKSUM = 9,
    RSDP_SIZE = 36,
    TABLES_SIZE = ACPI_END_GPA - ACPI_RSDP_GPA,

    LOCAL_APIC_GPA = 0xfee00000,
    IO_APIC_GPA = 0xfec00000,

    FADT_WBINVD = 1 << 0,
    FADT_PWR_BUTTON = 1 << 4,       /* both buttons: no fixed ones */
    FADT_SLP_BUTTON = 1 << 5,
    FADT_RESET_REG_SUP = 1 << 10,
    FADT_HW_REDUCED = 1 << 20,
    BOOT_VGA_NOT_PRESENT = 1 << 2,  /* no 8042 bit: Linux leaves the keyboard controller alone */

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

/* The host's copy of the tables. `full` stays set once something did not fit. */
struct tables {
    uint8_t *bytes;
    size_t used;
    bool full;
};

static void put(struct tables *t, const void *bytes, size_t size)
{
    if (t->full || size > TABLES_SIZE - t->used) {
        t->full = true;
        return;
    }
    memcpy(t->bytes + t->used, bytes, size);
    t->used += size;
}

static void put8(struct tables *t, uint8_t value)
{
    put(t, &value, sizeof value);
}

static void put16(struct tables *t, uint16_t value)
{
    put(t, &value, sizeof value);
}

static void put32(struct tables *t, uint32_t value)
{
    put(t, &value, sizeof value);
}

static void put64(struct tables *t, uint64_t value)
{
    put(t, &value, sizeof value);
}

static void put_zeroes(struct tables *t, size_t count)
{
    while (count-- > 0)
        put8(t, 0);
}

static uint8_t checksum(const uint8_t *bytes, size_t size)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum += bytes[i];
    return (uint8_t)-sum;
}

/* Starts a table on a 16-byte boundary; returns where. */
static size_t begin_table(struct tables *t, const char *signature, uint8_t revision)
{
    size_t start;

    put_zeroes(t, -t->used & 15);
    start = t->used;
    put(t, signature, 4);
    put32(t, 0);                    /* length and checksum come at the end */
    put8(t, revision);
    put8(t, 0);
    put(t, "CPCVMM", 6);
    put(t, "CPCVMM  ", 8);
    put32(t, 1);
    put(t, "CPC ", 4);
    put32(t, 1);
    return start;
}

/* Ends the table that began at `start`; returns its guest address. */
static uint64_t end_table(struct tables *t, size_t start)
{
    uint32_t length = (uint32_t)(t->used - start);

    if (t->full)
        return 0;
    memcpy(t->bytes + start + HEADER_LENGTH, &length, sizeof length);
    t->bytes[start + HEADER_CHECKSUM] = checksum(t->bytes + start, length);
    return ACPI_RSDP_GPA + start;
}

/* An I/O port of one byte as a generic address. */
static void put_port(struct tables *t, uint16_t port)
{
    put8(t, 1);                     /* system I/O */
    put8(t, 8);
    put8(t, 0);
    put8(t, 1);                     /* byte access */
    put64(t, port);
}

/* Starts a package length; returns where it is. */
static size_t begin_package(struct tables *t)
{
    put_zeroes(t, 3);
    return t->used - 3;
}

static void end_package(struct tables *t, size_t at)
{
    size_t length = t->used - at;

    if (t->full)
        return;
    t->bytes[at] = (uint8_t)(2 << 6 | (length & 0x0f));
    t->bytes[at + 1] = (uint8_t)(length >> 4);
    t->bytes[at + 2] = (uint8_t)(length >> 12);
}

static size_t begin_device(struct tables *t, const char *name)
{
    size_t package;

    put8(t, AML_EXT);
    put8(t, AML_EXT_DEVICE);
    package = begin_package(t);
    put(t, name, 4);
    return package;
}

static void put_name(struct tables *t, const char *name)
{
    put8(t, AML_NAME);
    put(t, name, 4);
}

static void put_string(struct tables *t, const char *text)
{
    put8(t, AML_STRING);
    put(t, text, strlen(text) + 1);
}

/* _HID PNPxxxx, compressed. */
static void put_pnp_id(struct tables *t, uint16_t product)
{
    put_name(t, "_HID");
    put8(t, AML_DWORD);
    put8(t, 0x41);
    put8(t, 0xd0);
    put8(t, (uint8_t)(product >> 8));
    put8(t, (uint8_t)product);
}

static void put_byte_name(struct tables *t, const char *name, uint8_t value)
{
    put_name(t, name);
    put8(t, AML_BYTE);
    put8(t, value);
}

/* _CRS: a buffer of resource descriptors, whose size comes at the end. */
static size_t begin_resources(struct tables *t)
{
    size_t package;

    put_name(t, "_CRS");
    put8(t, AML_BUFFER);
    package = begin_package(t);
    put8(t, AML_BYTE);
    put8(t, 0);
    return package;
}

static void end_resources(struct tables *t, size_t package)
{
    put8(t, 0x79);                  /* end tag, checksum unused */
    put8(t, 0);
    if (!t->full)
        t->bytes[package + 4] = (uint8_t)(t->used - package - 5);
    end_package(t, package);
}

static void put_io(struct tables *t, uint16_t port, uint8_t count)
{
    put8(t, 0x47);                  /* I/O port descriptor, 16-bit decode */
    put8(t, 1);
    put16(t, port);
    put16(t, port);
    put8(t, 1);
    put8(t, count);
}

static void put_memory32(struct tables *t, uint32_t gpa, uint32_t size)
{
    put8(t, 0x86);                  /* Memory32Fixed, read-write */
    put16(t, 9);
    put8(t, 1);
    put32(t, gpa);
    put32(t, size);
}

static void put_interrupt(struct tables *t, uint32_t gsi)
{
    put8(t, 0x89);                  /* extended interrupt: consumer, edge, active high, exclusive */
    put16(t, 6);
    put8(t, 0x03);
    put8(t, 1);
    put32(t, gsi);
}

static void put_serial(struct tables *t)
{
    size_t device = begin_device(t, "COM1"), resources;

    put_pnp_id(t, 0x0501);
    put_byte_name(t, "_UID", 0);
    resources = begin_resources(t);
    put_io(t, SERIAL_PORT, SERIAL_PORTS);
    put_interrupt(t, SERIAL_GSI);
    end_resources(t, resources);
    end_package(t, device);
}

static void put_clock(struct tables *t)
{
    size_t device = begin_device(t, "RTC_"), resources;

    put_pnp_id(t, 0x0b00);
    resources = begin_resources(t);
    put_io(t, CMOS_PORT, CMOS_PORTS);
    end_resources(t, resources);
    end_package(t, device);
}

static void put_pvpanic(struct tables *t)
{
    size_t device = begin_device(t, "PEVT"), resources;

    put_name(t, "_HID");
    put_string(t, "QEMU0001");
    resources = begin_resources(t);
    put_io(t, ACPI_PANIC_PORT, 1);
    end_resources(t, resources);
    end_package(t, device);
}

/*
 * The power button, and the device whose interrupt says that it was pressed: reduced hardware has
 * no SCI. Its method runs once per event: Notify(\_SB.PWRB, 0x80).
 */
static void put_power_button(struct tables *t)
{
    size_t device = begin_device(t, "PWRB"), resources, method;

    put_pnp_id(t, 0x0c0c);
    put_byte_name(t, "_UID", 0);
    end_package(t, device);
    device = begin_device(t, "GED_");
    put_name(t, "_HID");
    put_string(t, "ACPI0013");
    put_byte_name(t, "_UID", 0);
    resources = begin_resources(t);
    put_interrupt(t, ACPI_BUTTON_GSI);
    end_resources(t, resources);
    put8(t, AML_METHOD);
    method = begin_package(t);
    put(t, "_EVT", 4);
    put8(t, 1 | 1 << 3);            /* one argument, serialized */
    put8(t, AML_NOTIFY);
    put(t, "\\._SB_PWRB", 10);      /* root, then a path of two names */
    put8(t, AML_BYTE);
    put8(t, 0x80);
    end_package(t, method);
    end_package(t, device);
}

static void put_virtio(struct tables *t, unsigned index, const struct acpi_virtio *virtio)
{
    static const char digits[] = "0123456789ABCDEF";
    char name[4] = {'V', 'I', digits[index / 16 % 16], digits[index % 16]};
    size_t device = begin_device(t, name), resources;

    put_name(t, "_HID");
    put_string(t, "LNRO0005");
    put_byte_name(t, "_UID", (uint8_t)index);
    put_name(t, "_CCA");
    put8(t, AML_ONE);
    resources = begin_resources(t);
    put_memory32(t, virtio->gpa, virtio->size);
    put_interrupt(t, virtio->gsi);
    end_resources(t, resources);
    end_package(t, device);
}

/* A word or a double word address space descriptor: min to max is passed on to the bus. */
static void put_address_space(struct tables *t, unsigned width, uint8_t type, uint32_t min,
                              uint32_t max)
{
    uint32_t fields[] = {0, min, max, 0, max - min + 1};    /* granularity, ..., translation, length */

    put8(t, width == 2 ? 0x88 : 0x87);
    put16(t, (uint16_t)(3 + 5 * width));
    put8(t, type);                  /* 0 memory, 1 ports, 2 bus numbers */
    put8(t, 0x0c);                  /* producer, positive decode, both ends fixed */
    put8(t, type == 0 ? 0x01 : type == 1 ? 0x03 : 0);   /* read-write; all of the port range */
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++)
        put(t, &fields[i], width);
}

/* One element of _PRT: pin A of a slot is wired to a line of the IO-APIC. */
static void put_route(struct tables *t, unsigned slot)
{
    size_t package;

    put8(t, AML_PACKAGE);
    package = begin_package(t);
    put8(t, 4);
    put8(t, AML_DWORD);
    put32(t, slot << 16 | 0xffff);
    put8(t, 0);                     /* pin A */
    put8(t, 0);                     /* no link device: the number is a GSI */
    put8(t, AML_BYTE);
    put8(t, (uint8_t)(PCI_FIRST_GSI + slot % PCI_LINES));
    end_package(t, package);
}

static void put_pci_bus(struct tables *t)
{
    size_t device = begin_device(t, "PCI0"), resources, package;

    put_pnp_id(t, 0x0a03);
    put_byte_name(t, "_UID", 0);
    put_byte_name(t, "_BBN", 0);
    put_byte_name(t, "_SEG", 0);
    put_name(t, "_CCA");
    put8(t, AML_ONE);
    resources = begin_resources(t);
    put_address_space(t, 2, 2, 0, 0);
    put_io(t, PCI_PORT, PCI_PORTS);
    put_address_space(t, 4, 0, (uint32_t)PCI_WINDOW_GPA,
                      (uint32_t)(PCI_WINDOW_GPA + PCI_WINDOW_SIZE - 1));
    end_resources(t, resources);
    put_name(t, "_PRT");
    put8(t, AML_PACKAGE);
    package = begin_package(t);
    put8(t, PCI_SLOTS - 1);
    for (unsigned slot = 1; slot < PCI_SLOTS; slot++)
        put_route(t, slot);
    end_package(t, package);
    end_package(t, device);
}

/* Linux believes MCFG only when the addresses are also reserved for a motherboard device. */
static void put_ecam(struct tables *t)
{
    size_t device = begin_device(t, "ECAM"), resources;

    put_pnp_id(t, 0x0c02);
    resources = begin_resources(t);
    put_memory32(t, (uint32_t)PCI_ECAM_GPA, PCI_ECAM_SIZE);
    end_resources(t, resources);
    end_package(t, device);
}

/* \_S5: the sleep type that ACPI_SLEEP_S5 has. */
static void put_soft_off(struct tables *t)
{
    size_t package;

    put_name(t, "_S5_");
    put8(t, AML_PACKAGE);
    package = begin_package(t);
    put8(t, 4);
    put8(t, AML_BYTE);
    put8(t, 5);
    put_zeroes(t, 3);               /* three ZeroOps */
    end_package(t, package);
}

static uint64_t put_dsdt(struct tables *t, const struct acpi_config *config)
{
    size_t start = begin_table(t, "DSDT", 6), scope;

    put_soft_off(t);
    put8(t, AML_SCOPE);
    scope = begin_package(t);
    put(t, "\\_SB_", 5);
    put_serial(t);
    put_clock(t);
    put_pvpanic(t);
    if (config->pci) {
        put_pci_bus(t);
        put_ecam(t);
    }
    put_power_button(t);
    for (size_t i = 0; i < config->n_virtio; i++)
        put_virtio(t, (unsigned)i, &config->virtio[i]);
    end_package(t, scope);
    return end_table(t, start);
}

static uint64_t put_fadt(struct tables *t, uint64_t dsdt)
{
    size_t start = begin_table(t, "FACP", 6);

    put32(t, 0);                    /* no FACS: nothing wakes up or shares a lock with firmware */
    put32(t, (uint32_t)dsdt);
    put_zeroes(t, 109 - 44);        /* the fixed hardware that reduced hardware has not */
    put16(t, BOOT_VGA_NOT_PRESENT);
    put8(t, 0);
    put32(t,
          FADT_WBINVD | FADT_PWR_BUTTON | FADT_SLP_BUTTON | FADT_RESET_REG_SUP | FADT_HW_REDUCED);
    put_port(t, ACPI_RESET_PORT);
    put8(t, ACPI_RESET_VALUE);
    put16(t, 0);
    put8(t, 1);                     /* minor version */
    put64(t, 0);
    put64(t, dsdt);
    put_zeroes(t, 8 * 12);          /* PM and GPE blocks */
    put_port(t, ACPI_SLEEP_PORT);
    put_port(t, ACPI_SLEEP_PORT + 1);
    put(t, "CPCVMM\0", 8);
    return end_table(t, start);
}

static uint64_t put_madt(struct tables *t, unsigned cpus)
{
    size_t start = begin_table(t, "APIC", 4);

    put32(t, LOCAL_APIC_GPA);
    put32(t, 0);
    for (unsigned i = 0; i < cpus; i++) {
        put8(t, 0);                 /* local APIC */
        put8(t, 8);
        put8(t, (uint8_t)i);
        put8(t, (uint8_t)i);
        put32(t, 1);                /* enabled */
    }
    put8(t, 1);                     /* I/O APIC */
    put8(t, 12);
    put8(t, 0);
    put8(t, 0);
    put32(t, IO_APIC_GPA);
    put32(t, 0);
    return end_table(t, start);
}

static uint64_t put_mcfg(struct tables *t)
{
    size_t start = begin_table(t, "MCFG", 1);

    put_zeroes(t, 8);
    put64(t, PCI_ECAM_GPA);
    put_zeroes(t, 8);               /* segment 0, buses 0 to 0 */
    return end_table(t, start);
}

/* `mcfg` is 0 when there is none. */
static uint64_t put_xsdt(struct tables *t, uint64_t fadt, uint64_t madt, uint64_t mcfg)
{
    size_t start = begin_table(t, "XSDT", 1);

    put64(t, fadt);
    put64(t, madt);
    if (mcfg != 0)
        put64(t, mcfg);
    return end_table(t, start);
}

/* The root pointer, at the very beginning. */
static void write_rsdp(struct tables *t, uint64_t xsdt)
{
    static const uint32_t length = RSDP_SIZE;
    uint8_t *rsdp = t->bytes;

    memcpy(rsdp, "RSD PTR ", 8);
    memcpy(rsdp + 9, "CPCVMM", 6);
    rsdp[15] = 2;
    memcpy(rsdp + 20, &length, sizeof length);
    memcpy(rsdp + 24, &xsdt, sizeof xsdt);
    rsdp[8] = checksum(rsdp, 20);
    rsdp[32] = checksum(rsdp, RSDP_SIZE);
}

int acpi_write(const struct guestmem_map *memory, const struct acpi_config *config)
{
    void *guest = guestmem_hva(memory, ACPI_RSDP_GPA, TABLES_SIZE);
    struct tables t = {.bytes = calloc(1, TABLES_SIZE)};
    uint64_t dsdt, fadt, madt, xsdt;
    int r = 0;

    if (t.bytes == NULL)
        return -ENOMEM;
    put_zeroes(&t, RSDP_SIZE);
    dsdt = put_dsdt(&t, config);
    fadt = put_fadt(&t, dsdt);
    madt = put_madt(&t, config->cpus);
    xsdt = put_xsdt(&t, fadt, madt, config->pci ? put_mcfg(&t) : 0);
    if (t.full || guest == NULL || config->n_virtio > 256) {
        log_error("vmm", "the ACPI tables do not fit: too many devices or CPUs");
        r = -ENOSPC;
    } else {
        write_rsdp(&t, xsdt);
        memcpy(guest, t.bytes, TABLES_SIZE);
    }
    free(t.bytes);
    return r;
}
