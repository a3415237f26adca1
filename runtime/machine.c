/*
 * machine.c - see machine.h.
 */
#include "machine.h"

#include <errno.h>
#include <linux/memfd.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"

static const uint64_t MIB = UINT64_C(1) << 20;

static int no_memory(struct machine *m, bool hugepages)
{
    int error = errno;
    unsigned long long mib = m->size / MIB;

    m->base = NULL;
    if (hugepages)
        log_error("vmm",
                  "cannot allocate %llu MiB of guest memory in huge pages: %s; have the host "
                  "reserve them (sysctl vm.nr_hugepages=%llu)",
                  mib, strerror(error), mib / MACHINE_HUGE_MIB);
    else
        log_error("vmm",
                  "cannot allocate %llu MiB of guest memory: %s; give the guest less (--memory)",
                  mib, strerror(error));
    return -error;
}

/* Reserved huge pages are taken at once, or a later access would end in SIGBUS. */
static int map_reserved(struct machine *m)
{
    m->memfd = memfd_create("guest-memory", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_2MB);
    if (m->memfd < 0 || ftruncate(m->memfd, (off_t)m->size) < 0)
        return no_memory(m, true);
    m->base = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, m->memfd, 0);
    return m->base == MAP_FAILED ? no_memory(m, true) : 0;
}

/*
 * Private memory, since the kernel gives it transparent huge pages, and shared memory none unless it is
 * set up to: a Linux then boots with a tenth of the nested page faults. KVM maps a huge page as one only
 * where the addresses in guest and host agree in their low bits.
 */
static int map_memory(struct machine *m)
{
    const size_t huge = MACHINE_HUGE_MIB * MIB;
    size_t skipped;
    char *room = mmap(NULL, m->size + huge, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (room == MAP_FAILED)
        return no_memory(m, false);
    skipped = -(uintptr_t)room & (huge - 1);
    m->base = room + skipped;
    if (skipped > 0)
        munmap(room, skipped);
    munmap(room + skipped + m->size, huge - skipped);
    madvise(m->base, m->size, MADV_HUGEPAGE);   /* advice only: a refusal changes nothing */
    return 0;
}

int machine_add_memory(const struct machine *m, struct guestmem *memory)
{
    int r = guestmem_add(memory, 0, m->low, m->base);

    if (r == 0 && m->high > 0)
        r = guestmem_add(memory, MACHINE_HOLE_END, m->high, (char *)m->base + m->low);
    if (r < 0)
        log_error("vmm", "cannot register the guest's memory: %s", strerror(-r));
    return r;
}

static int check_size(const struct machine_config *config)
{
    if (config->mib < MACHINE_MIN_MIB || config->mib > MACHINE_MAX_MIB) {
        log_error("vmm", "a guest has between %d and %d MiB of memory, not %llu", MACHINE_MIN_MIB,
                  MACHINE_MAX_MIB, (unsigned long long)config->mib);
        return -EINVAL;
    }
    if (config->hugepages && config->mib % MACHINE_HUGE_MIB != 0) {
        log_error("vmm", "memory in huge pages is a multiple of %d MiB, not %llu MiB",
                  MACHINE_HUGE_MIB, (unsigned long long)config->mib);
        return -EINVAL;
    }
    return 0;
}

int machine_init(struct machine *m, const struct machine_config *config,
                 void (*ended)(void *opaque), void *opaque)
{
    int r = check_size(config);

    memset(m, 0, sizeof *m);
    m->memfd = -1;
    m->ended = ended;
    m->opaque = opaque;
    if (r < 0)
        return r;
    m->size = config->mib * MIB;
    m->low = m->size < MACHINE_HOLE_START ? m->size : MACHINE_HOLE_START;
    m->high = m->size - m->low;
    m->memory = guestmem_new();
    r = config->hugepages ? map_reserved(m) : map_memory(m);
    if (r == 0)
        r = machine_add_memory(m, m->memory);
    if (r < 0)
        machine_free(m);
    else
        m->map = guestmem_hold(m->memory);
    return r;
}

void machine_free(struct machine *m)
{
    if (m->map != NULL)
        guestmem_drop(m->map);
    if (m->memory != NULL)
        guestmem_free(m->memory);
    if (m->base != NULL)
        munmap(m->base, m->size);
    if (m->memfd >= 0)
        close(m->memfd);
    m->map = NULL;
    m->memory = NULL;
    m->base = NULL;
    m->memfd = -1;
}

/* The index of the first range that ends after `where`. */
static size_t first_after(const struct machine_map *map, uint64_t where)
{
    size_t low = 0, high = map->used;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (map->range[middle].base + (map->range[middle].size - 1) < where)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int add_range(struct machine_map *map, const struct machine_range *range, uint64_t limit)
{
    size_t at;

    if (range->size == 0 || range->base > limit || range->size - 1 > limit - range->base)
        return -EINVAL;
    if (map->used == MACHINE_RANGES)
        return -ENOSPC;
    at = first_after(map, range->base);
    if (at < map->used && map->range[at].base <= range->base + (range->size - 1))
        return -EEXIST;
    memmove(&map->range[at + 1], &map->range[at], (map->used - at) * sizeof map->range[0]);
    map->range[at] = *range;
    map->used++;
    return 0;
}

int machine_add_ports(struct machine *m, const struct machine_range *range)
{
    return add_range(&m->ports, range, UINT16_MAX);
}

int machine_add_mmio(struct machine *m, const struct machine_range *range)
{
    return add_range(&m->mmio, range, UINT64_MAX);
}

static const struct machine_range *find(const struct machine_map *map, uint64_t where,
                                        unsigned size)
{
    size_t at = first_after(map, where);
    const struct machine_range *range = &map->range[at];

    if (at == map->used || where < range->base || size > range->size
        || where - range->base > range->size - size)
        return NULL;
    return range;
}

static void access_range(const struct machine_map *map, uint64_t where, bool is_write, void *data,
                         unsigned size)
{
    const struct machine_range *range;
    uint64_t value = 0;

    if (size != 1 && size != 2 && size != 4 && size != 8)
        return;                 /* KVM gives no others; a guest gets back what it had */
    range = find(map, where, size);
    if (is_write) {
        memcpy(&value, data, size);
        if (range != NULL)
            range->write(range->opaque, where - range->base, size, value);
        return;
    }
    value = range != NULL ? range->read(range->opaque, where - range->base, size) : UINT64_MAX;
    memcpy(data, &value, size);
}

void machine_port(struct machine *m, uint16_t port, bool is_write, void *data, unsigned size)
{
    access_range(&m->ports, port, is_write, data, size);
}

void machine_mmio(struct machine *m, uint64_t gpa, bool is_write, void *data, unsigned size)
{
    access_range(&m->mmio, gpa, is_write, data, size);
}

void machine_end(struct machine *m, enum machine_end end, int status)
{
    enum machine_end running = MACHINE_RUNNING;

    /* The winner alone writes the status; the reader looks at it after the vCPU threads are joined.
     */
    if (!__atomic_compare_exchange_n(&m->end, &running, end, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE))
        return;
    m->status = status;
    m->ended(m->opaque);
}

enum machine_end machine_ended(const struct machine *m)
{
    return __atomic_load_n(&m->end, __ATOMIC_ACQUIRE);
}
