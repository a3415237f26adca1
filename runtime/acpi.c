/*
 * acpi.c - see acpi.h. Offsets and encodings are those of the ACPI specification 6.1.
 *
 * Tables are appended to one buffer of the host (aml.h), which is then copied to the guest.
 */
#include "acpi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aml.h"
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
};

static uint8_t checksum(const uint8_t *bytes, size_t size)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum += bytes[i];
    return (uint8_t)-sum;
}

/* Starts a table on a 16-byte boundary; returns where. */
static size_t begin_table(struct aml *t, const char *signature, uint8_t revision)
{
    size_t start;

    aml_zeroes(t, -t->used & 15);
    start = t->used;
    aml_put(t, signature, 4);
    aml_put32(t, 0);                /* length and checksum come at the end */
    aml_put8(t, revision);
    aml_put8(t, 0);
    aml_put(t, "CPCVMM", 6);
    aml_put(t, "CPCVMM  ", 8);
    aml_put32(t, 1);
    aml_put(t, "CPC ", 4);
    aml_put32(t, 1);
    return start;
}

/* Ends the table that began at `start`; returns its guest address. */
static uint64_t end_table(struct aml *t, size_t start)
{
    uint32_t length = (uint32_t)(t->used - start);

    if (t->full)
        return 0;
    memcpy(t->bytes + start + HEADER_LENGTH, &length, sizeof length);
    t->bytes[start + HEADER_CHECKSUM] = checksum(t->bytes + start, length);
    return ACPI_RSDP_GPA + start;
}

/* An I/O port of one byte as a generic address. */
static void put_port(struct aml *t, uint16_t port)
{
    aml_put8(t, 1);                 /* system I/O */
    aml_put8(t, 8);
    aml_put8(t, 0);
    aml_put8(t, 1);                 /* byte access */
    aml_put64(t, port);
}

static void put_serial(struct aml *t)
{
    size_t device = aml_begin_device(t, "COM1"), resources;

    aml_pnp_id(t, 0x0501);
    aml_byte_name(t, "_UID", 0);
    resources = aml_begin_resources(t);
    aml_io(t, SERIAL_PORT, SERIAL_PORTS);
    aml_interrupt(t, SERIAL_GSI);
    aml_end_resources(t, resources);
    aml_end_package(t, device);
}

static void put_clock(struct aml *t)
{
    size_t device = aml_begin_device(t, "RTC_"), resources;

    aml_pnp_id(t, 0x0b00);
    resources = aml_begin_resources(t);
    aml_io(t, CMOS_PORT, CMOS_PORTS);
    aml_end_resources(t, resources);
    aml_end_package(t, device);
}

static void put_pvpanic(struct aml *t)
{
    size_t device = aml_begin_device(t, "PEVT"), resources;

    aml_id(t, "QEMU0001");
    resources = aml_begin_resources(t);
    aml_io(t, ACPI_PANIC_PORT, 1);
    aml_end_resources(t, resources);
    aml_end_package(t, device);
}

/*
 * The power button, and the device whose interrupt says that it was pressed: reduced hardware has
 * no SCI. Its method runs once per event: Notify(\_SB.PWRB, 0x80).
 */
static void put_power_button(struct aml *t)
{
    size_t device = aml_begin_device(t, "PWRB"), resources, method;

    aml_pnp_id(t, 0x0c0c);
    aml_byte_name(t, "_UID", 0);
    aml_end_package(t, device);
    device = aml_begin_device(t, "GED_");
    aml_id(t, "ACPI0013");
    aml_byte_name(t, "_UID", 0);
    resources = aml_begin_resources(t);
    aml_interrupt(t, ACPI_BUTTON_GSI);
    aml_end_resources(t, resources);
    aml_put8(t, AML_METHOD);
    method = aml_begin_package(t);
    aml_put(t, "_EVT", 4);
    aml_put8(t, 1 | 1 << 3);        /* one argument, serialized */
    aml_put8(t, AML_NOTIFY);
    aml_put(t, "\\._SB_PWRB", 10);  /* root, then a path of two names */
    aml_put8(t, AML_BYTE);
    aml_put8(t, 0x80);
    aml_end_package(t, method);
    aml_end_package(t, device);
}

static void put_virtio(struct aml *t, unsigned index, const struct acpi_virtio *virtio)
{
    static const char digits[] = "0123456789ABCDEF";
    char name[4] = {'V', 'I', digits[index / 16 % 16], digits[index % 16]};
    size_t device = aml_begin_device(t, name), resources;

    aml_id(t, "LNRO0005");
    aml_byte_name(t, "_UID", (uint8_t)index);
    aml_coherent(t);
    resources = aml_begin_resources(t);
    aml_memory32(t, virtio->gpa, virtio->size);
    aml_interrupt(t, virtio->gsi);
    aml_end_resources(t, resources);
    aml_end_package(t, device);
}

/* One element of _PRT: pin A of a slot is wired to a line of the IO-APIC. */
static void put_route(struct aml *t, unsigned slot)
{
    size_t package;

    aml_put8(t, AML_PACKAGE);
    package = aml_begin_package(t);
    aml_put8(t, 4);
    aml_put8(t, AML_DWORD);
    aml_put32(t, slot << 16 | 0xffff);
    aml_put8(t, 0);                 /* pin A */
    aml_put8(t, 0);                 /* no link device: the number is a GSI */
    aml_put8(t, AML_BYTE);
    aml_put8(t, (uint8_t)(PCI_FIRST_GSI + slot % PCI_LINES));
    aml_end_package(t, package);
}

static void put_pci_bus(struct aml *t)
{
    size_t device = aml_begin_device(t, "PCI0"), resources, package;

    aml_pnp_id(t, 0x0a03);
    aml_byte_name(t, "_UID", 0);
    aml_byte_name(t, "_BBN", 0);
    aml_byte_name(t, "_SEG", 0);
    aml_coherent(t);
    resources = aml_begin_resources(t);
    aml_address_space(t, 2, 2, 0, 0);
    aml_io(t, PCI_PORT, PCI_PORTS);
    aml_address_space(t, 4, 0, (uint32_t)PCI_WINDOW_GPA,
                      (uint32_t)(PCI_WINDOW_GPA + PCI_WINDOW_SIZE - 1));
    aml_end_resources(t, resources);
    aml_name(t, "_PRT");
    aml_put8(t, AML_PACKAGE);
    package = aml_begin_package(t);
    aml_put8(t, PCI_SLOTS - 1);
    for (unsigned slot = 1; slot < PCI_SLOTS; slot++)
        put_route(t, slot);
    aml_end_package(t, package);
    aml_end_package(t, device);
}

/* Linux believes MCFG only when the addresses are also reserved for a motherboard device. */
static void put_ecam(struct aml *t)
{
    size_t device = aml_begin_device(t, "ECAM"), resources;

    aml_pnp_id(t, 0x0c02);
    resources = aml_begin_resources(t);
    aml_memory32(t, (uint32_t)PCI_ECAM_GPA, PCI_ECAM_SIZE);
    aml_end_resources(t, resources);
    aml_end_package(t, device);
}

/* \_S5: the sleep type that ACPI_SLEEP_S5 has. */
static void put_soft_off(struct aml *t)
{
    size_t package;

    aml_name(t, "_S5_");
    aml_put8(t, AML_PACKAGE);
    package = aml_begin_package(t);
    aml_put8(t, 4);
    aml_put8(t, AML_BYTE);
    aml_put8(t, 5);
    aml_zeroes(t, 3);           /* three ZeroOps */
    aml_end_package(t, package);
}

static uint64_t put_dsdt(struct aml *t, const struct acpi_config *config)
{
    size_t start = begin_table(t, "DSDT", 6), scope;

    put_soft_off(t);
    aml_put8(t, AML_SCOPE);
    scope = aml_begin_package(t);
    aml_put(t, "\\_SB_", 5);
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
    aml_end_package(t, scope);
    return end_table(t, start);
}

static uint64_t put_fadt(struct aml *t, uint64_t dsdt)
{
    size_t start = begin_table(t, "FACP", 6);

    aml_put32(t, 0);                /* no FACS: nothing wakes up or shares a lock with firmware */
    aml_put32(t, (uint32_t)dsdt);
    aml_zeroes(t, 109 - 44);    /* the fixed hardware that reduced hardware has not */
    aml_put16(t, BOOT_VGA_NOT_PRESENT);
    aml_put8(t, 0);
    aml_put32(t,
          FADT_WBINVD | FADT_PWR_BUTTON | FADT_SLP_BUTTON | FADT_RESET_REG_SUP | FADT_HW_REDUCED);
    put_port(t, ACPI_RESET_PORT);
    aml_put8(t, ACPI_RESET_VALUE);
    aml_put16(t, 0);
    aml_put8(t, 1);                 /* minor version */
    aml_put64(t, 0);
    aml_put64(t, dsdt);
    aml_zeroes(t, 8 * 12);      /* PM and GPE blocks */
    put_port(t, ACPI_SLEEP_PORT);
    put_port(t, ACPI_SLEEP_PORT + 1);
    aml_put(t, "CPCVMM\0", 8);
    return end_table(t, start);
}

static uint64_t put_madt(struct aml *t, unsigned cpus)
{
    size_t start = begin_table(t, "APIC", 4);

    aml_put32(t, LOCAL_APIC_GPA);
    aml_put32(t, 0);
    for (unsigned i = 0; i < cpus; i++) {
        aml_put8(t, 0);             /* local APIC */
        aml_put8(t, 8);
        aml_put8(t, (uint8_t)i);
        aml_put8(t, (uint8_t)i);
        aml_put32(t, 1);            /* enabled */
    }
    aml_put8(t, 1);                 /* I/O APIC */
    aml_put8(t, 12);
    aml_put8(t, 0);
    aml_put8(t, 0);
    aml_put32(t, IO_APIC_GPA);
    aml_put32(t, 0);
    return end_table(t, start);
}

static uint64_t put_mcfg(struct aml *t)
{
    size_t start = begin_table(t, "MCFG", 1);

    aml_zeroes(t, 8);
    aml_put64(t, PCI_ECAM_GPA);
    aml_zeroes(t, 8);           /* segment 0, buses 0 to 0 */
    return end_table(t, start);
}

/* `mcfg` is 0 when there is none. */
static uint64_t put_xsdt(struct aml *t, uint64_t fadt, uint64_t madt, uint64_t mcfg)
{
    size_t start = begin_table(t, "XSDT", 1);

    aml_put64(t, fadt);
    aml_put64(t, madt);
    if (mcfg != 0)
        aml_put64(t, mcfg);
    return end_table(t, start);
}

/* The root pointer, at the very beginning. */
static void write_rsdp(struct aml *t, uint64_t xsdt)
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
    struct aml t = {.bytes = calloc(1, TABLES_SIZE), .size = TABLES_SIZE};
    uint64_t dsdt, fadt, madt, xsdt;
    int r = 0;

    if (t.bytes == NULL)
        return -ENOMEM;
    aml_zeroes(&t, RSDP_SIZE);
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
