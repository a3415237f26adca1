/*
 * pci.c - see pci.h. Offsets and bits are those of the PCI Local Bus Specification 3.0, section 6.
 *
 * A write changes the bits that fn->writable has, and nothing else; what follows from the new
 * contents (where the BAR is, whether a line is raised, whether MSI-X is on) is worked out anew
 * after every write, so no order of writes can leave something behind.
 */
#include "pci.h"

#include <errno.h>
#include <string.h>

#include "msix.h"

enum {
    ADDRESS_ENABLE = 1u << 31,
    BRIDGE_VENDOR = 0x1b36,         /* Red Hat's generic PCI Express host bridge */
    BRIDGE_DEVICE = 0x0008,
    BRIDGE_CLASS = 0x060000,
    BAR_64_BIT = 0x4,
};

static uint32_t load(const uint8_t *bytes, unsigned size)
{
    uint32_t value = 0;

    memcpy(&value, bytes, size);
    return value;
}

static void store(uint8_t *bytes, unsigned size, uint64_t value)
{
    memcpy(bytes, &value, size);
}

void pci_identify(struct pci_function *fn, uint16_t vendor, uint16_t device, uint32_t class,
                  uint8_t revision)
{
    store(fn->config + PCI_VENDOR_ID, 2, vendor);
    store(fn->config + PCI_DEVICE_ID, 2, device);
    store(fn->config + PCI_REVISION, 1, revision);
    store(fn->config + PCI_CLASS, 3, class);
    store(fn->config + PCI_SUBSYSTEM_VENDOR_ID, 2, vendor);
    store(fn->config + PCI_SUBSYSTEM_ID, 2, device);
    store(fn->writable + PCI_COMMAND, 2,
          PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_NO_INTX);
    store(fn->writable + PCI_INTERRUPT_LINE, 1, 0xff);
}

uint8_t pci_add_capability(struct pci_function *fn, uint8_t id, const void *body,
                           const void *writable, unsigned size)
{
    unsigned at = fn->last_capability != 0 ? fn->next_capability : PCI_FIRST_CAPABILITY;
    unsigned link = fn->last_capability != 0 ? fn->last_capability + 1u : PCI_CAPABILITIES;

    fn->config[link] = (uint8_t)at;
    fn->config[at] = id;
    memcpy(fn->config + at + 2, body, size);
    if (writable != NULL)
        memcpy(fn->writable + at + 2, writable, size);
    fn->last_capability = (uint8_t)at;
    fn->next_capability = (uint8_t)((at + 2 + size + 3) & ~3u);
    fn->config[PCI_STATUS] |= PCI_STATUS_CAPABILITIES;
    return (uint8_t)at;
}

/* ---- what follows from the contents; under the lock ------------------------------------------ */

static uint64_t bar_address(const struct pci_function *fn)
{
    uint64_t address = load(fn->config + PCI_BAR0, 4) & ~UINT64_C(0xf);

    return address | (uint64_t)load(fn->config + PCI_BAR0 + 4, 4) << 32;
}

/* Where BAR 0 is decoded, or 0. */
static uint64_t decoded(const struct pci_function *fn)
{
    const struct pci_bus *bus = fn->bus;
    uint64_t gpa = bar_address(fn);

    if (fn->bar_size == 0 || !(fn->config[PCI_COMMAND] & PCI_COMMAND_MEMORY) || gpa < bus->window
        || gpa - bus->window > bus->window_size - fn->bar_size)
        return 0;
    return gpa;
}

static void update_bar(struct pci_function *fn)
{
    uint64_t gpa = decoded(fn);

    if (gpa == fn->decoded)
        return;
    fn->decoded = gpa;
    if (fn->moved != NULL)
        fn->moved(fn->opaque, gpa);
}

static void update_line(struct pci_function *fn)
{
    struct pci_bus *bus = fn->bus;
    unsigned line = fn->slot % PCI_LINES;
    bool msix = fn->msix != NULL && msix_enabled(fn->msix);
    bool drive = fn->intx_wanted && !msix
                 && !(load(fn->config + PCI_COMMAND, 2) & PCI_COMMAND_NO_INTX);

    if (fn->intx_wanted)
        fn->config[PCI_STATUS] |= PCI_STATUS_INTX;
    else
        fn->config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTX;
    if (drive == fn->intx_driven)
        return;
    fn->intx_driven = drive;
    bus->line_users[line] += drive ? 1 : -1u;
    if (bus->line_users[line] == (drive ? 1 : 0))
        bus->platform->set_line(bus->platform->opaque, line, drive);
}

static void update(struct pci_function *fn)
{
    if (fn->msix != NULL)
        msix_control(fn->msix, (uint16_t)load(fn->config + fn->msix_capability + MSIX_CONTROL, 2));
    update_bar(fn);
    update_line(fn);
}

/* ---- the bus ------------------------------------------------------------------------------- */

void pci_bus_init(struct pci_bus *bus, const struct pci_platform *platform, uint64_t window,
                  uint64_t window_size)
{
    memset(bus, 0, sizeof *bus);
    pthread_mutex_init(&bus->lock, NULL);
    bus->platform = platform;
    bus->window = window;
    bus->window_size = window_size;
    pci_identify(&bus->bridge, BRIDGE_VENDOR, BRIDGE_DEVICE, BRIDGE_CLASS, 0);
    pci_add(bus, &bus->bridge);
}

void pci_bus_free(struct pci_bus *bus)
{
    pthread_mutex_destroy(&bus->lock);
}

/* BAR 0 gets the slot's part of the window; the part is as large as any BAR. */
static void place_bar(struct pci_function *fn)
{
    uint64_t part = fn->bus->window_size / PCI_SLOTS;
    uint64_t gpa = fn->bus->window + fn->slot * part;

    store(fn->config + PCI_BAR0, 8, gpa | BAR_64_BIT);
    store(fn->writable + PCI_BAR0, 8, ~(fn->bar_size - 1));
}

int pci_add(struct pci_bus *bus, struct pci_function *fn)
{
    for (unsigned slot = 0; slot < PCI_SLOTS; slot++) {
        if (bus->function[slot] != NULL)
            continue;
        bus->function[slot] = fn;
        fn->bus = bus;
        fn->slot = slot;
        if (fn->bar_size != 0) {
            place_bar(fn);
            fn->config[PCI_INTERRUPT_PIN] = 1;
        }
        return 0;
    }
    return -ENOSPC;
}

uint32_t pci_config_get(struct pci_function *fn, unsigned offset, unsigned size)
{
    uint32_t value;

    pthread_mutex_lock(&fn->bus->lock);
    value = load(fn->config + offset, size);
    pthread_mutex_unlock(&fn->bus->lock);
    return value;
}

void pci_set_intx(struct pci_function *fn, bool wanted)
{
    pthread_mutex_lock(&fn->bus->lock);
    fn->intx_wanted = wanted;
    update_line(fn);
    pthread_mutex_unlock(&fn->bus->lock);
}

/* ---- configuration accesses --------------------------------------------------------------------- */

/* The function at `where`, slot * 32 KiB + register; NULL when nobody answers this access. */
static struct pci_function *find_config(struct pci_bus *bus, uint64_t where, unsigned size)
{
    unsigned slot = (unsigned)(where >> 15), offset = where & 0xfff;

    if (where >= PCI_ECAM_SIZE || (where >> 12 & 7) != 0 || offset >= PCI_CONFIG_SIZE || size > 4
        || offset % 4 + size > 4)
        return NULL;
    return bus->function[slot];
}

static bool in_window(const struct pci_function *fn, unsigned offset)
{
    return fn->window != 0 && offset >= fn->window && offset < fn->window + 4u;
}

static uint64_t config_read(struct pci_bus *bus, uint64_t where, unsigned size)
{
    struct pci_function *fn = find_config(bus, where, size);
    unsigned offset = where & 0xfff;

    if (fn == NULL)
        return UINT64_MAX;
    if (in_window(fn, offset))
        return fn->window_read(fn->opaque, offset - fn->window, size);
    return pci_config_get(fn, offset, size);
}

static void config_write(struct pci_bus *bus, uint64_t where, unsigned size, uint64_t value)
{
    struct pci_function *fn = find_config(bus, where, size);
    unsigned offset = where & 0xfff;

    if (fn == NULL)
        return;
    if (in_window(fn, offset)) {
        fn->window_write(fn->opaque, offset - fn->window, size, value);
        return;
    }
    pthread_mutex_lock(&bus->lock);
    for (unsigned i = 0; i < size; i++) {
        uint8_t mask = fn->writable[offset + i], byte = (uint8_t)(value >> (8 * i));

        fn->config[offset + i] = (uint8_t)((fn->config[offset + i] & ~mask) | (byte & mask));
    }
    update(fn);
    pthread_mutex_unlock(&bus->lock);
}

uint64_t pci_ecam_read(void *bus, uint64_t offset, unsigned size)
{
    return config_read(bus, offset, size);
}

void pci_ecam_write(void *bus, uint64_t offset, unsigned size, uint64_t value)
{
    config_write(bus, offset, size, value);
}

/* Where CONFIG_DATA at ports 4 to 7 points; past the end when there is nothing. */
static uint64_t config_address(struct pci_bus *bus, uint64_t offset)
{
    uint32_t address;

    pthread_mutex_lock(&bus->lock);
    address = bus->address;
    pthread_mutex_unlock(&bus->lock);
    if (!(address & ADDRESS_ENABLE) || (address >> 16 & 0xff) != 0)
        return PCI_ECAM_SIZE;
    return (uint64_t)(address >> 8 & 0xff) << 12 | (address & 0xfc) | (offset & 3);
}

uint64_t pci_port_read(void *opaque, uint64_t offset, unsigned size)
{
    struct pci_bus *bus = opaque;
    uint32_t address;

    if (offset >= 4)
        return config_read(bus, config_address(bus, offset), size);
    if (offset != 0 || size != 4)
        return UINT64_MAX;
    pthread_mutex_lock(&bus->lock);
    address = bus->address;
    pthread_mutex_unlock(&bus->lock);
    return address;
}

void pci_port_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    struct pci_bus *bus = opaque;

    if (offset >= 4) {
        config_write(bus, config_address(bus, offset), size, value);
    } else if (offset == 0 && size == 4) {
        pthread_mutex_lock(&bus->lock);
        bus->address = (uint32_t)value & ~UINT32_C(0x7f000003);
        pthread_mutex_unlock(&bus->lock);
    }
}

/* ---- memory accesses ------------------------------------------------------------------------- */

/* The function whose BAR holds the whole access, or NULL; *offset is into the BAR. */
static struct pci_function *find_bar(struct pci_bus *bus, uint64_t *offset, unsigned size)
{
    uint64_t gpa = bus->window + *offset;
    struct pci_function *found = NULL;

    pthread_mutex_lock(&bus->lock);
    for (unsigned slot = 0; slot < PCI_SLOTS && found == NULL; slot++) {
        struct pci_function *fn = bus->function[slot];

        if (fn != NULL && fn->decoded != 0 && gpa >= fn->decoded
            && gpa - fn->decoded <= fn->bar_size - size) {
            *offset = gpa - fn->decoded;
            found = fn;
        }
    }
    pthread_mutex_unlock(&bus->lock);
    return found;
}

uint64_t pci_window_read(void *bus, uint64_t offset, unsigned size)
{
    struct pci_function *fn = find_bar(bus, &offset, size);

    return fn != NULL ? fn->read(fn->opaque, offset, size) : UINT64_MAX;
}

void pci_window_write(void *bus, uint64_t offset, unsigned size, uint64_t value)
{
    struct pci_function *fn = find_bar(bus, &offset, size);

    if (fn != NULL)
        fn->write(fn->opaque, offset, size, value);
}
