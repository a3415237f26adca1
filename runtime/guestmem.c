/*
 * Guest memory: maps of regions, the mappings behind them, and the SIGBUS handler.
 *
 * Ownership: guestmem -> map -> regions, all by counts. A region that came from guestmem_map_fd
 * owns its mapping. Counts and maps change only in the loop thread; the handler reads `mappings`
 * alone, whose entries are set before a region can be touched and cleared after the last touch.
 */
#include "guestmem.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096u

struct region {
    unsigned refs;
    uint64_t gpa, uva, size;
    bool has_uva;
    char *hva;
    void *mapping;              /* NULL: the memory is not ours */
    size_t mapping_size;
    int slot;                   /* in mappings, or -1 */
};

struct guestmem_map {
    unsigned refs;
    unsigned n;
    struct region *regions[];   /* sorted by gpa, no overlaps */
};

struct guestmem {
    struct guestmem_map *map;
};

/* What the SIGBUS handler knows: file mappings that a peer may truncate. */
static struct {
    uintptr_t start, end;       /* start 0: free */
    volatile sig_atomic_t lost;
} mappings[4 * GUESTMEM_MAX_REGIONS];

#define N_MAPPINGS ((int)(sizeof mappings / sizeof mappings[0]))

static void on_sigbus(int signo, siginfo_t *info, void *context)
{
    uintptr_t fault = (uintptr_t)info->si_addr;

    (void)context;
    for (int i = 0; i < N_MAPPINGS; i++) {
        if (mappings[i].start && fault >= mappings[i].start && fault < mappings[i].end) {
            void *page = (void *)(fault & ~(uintptr_t)(PAGE - 1));

            mappings[i].lost = 1;
            if (mmap(page, PAGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page) {
                return;
            }
        }
    }
    signal(signo, SIG_DFL);     /* not ours: the access is repeated and ends the process */
}

/* Enters the mapping in the handler's table; the slot, or -1 when the table is full. */
static int watch_mapping(void *mapping, size_t size)
{
    struct sigaction action;

    for (int i = 0; i < N_MAPPINGS; i++) {
        if (mappings[i].start == 0) {
            memset(&action, 0, sizeof action);
            action.sa_sigaction = on_sigbus;
            action.sa_flags = SA_SIGINFO;
            sigaction(SIGBUS, &action, NULL);
            mappings[i].lost = 0;
            mappings[i].end = (uintptr_t)mapping + size;
            mappings[i].start = (uintptr_t)mapping;
            return i;
        }
    }
    return -1;
}

static void *allocate(size_t size)
{
    void *p = calloc(1, size);

    if (!p) {
        abort();                /* a few hundred bytes: nothing sensible can go on */
    }
    return p;
}

static void region_drop(struct region *region)
{
    if (--region->refs == 0) {
        if (region->mapping) {
            mappings[region->slot].start = 0;
            munmap(region->mapping, region->mapping_size);
        }
        free(region);
    }
}

/* A map with room for n regions, holding the first `keep` of old's that are not `without`. */
static struct guestmem_map *map_copy(const struct guestmem_map *old, const struct region *without,
                                     unsigned n)
{
    struct guestmem_map *map = allocate(sizeof *map + n * sizeof map->regions[0]);

    map->refs = 1;
    for (unsigned i = 0; i < old->n; i++) {
        if (old->regions[i] != without) {
            map->regions[map->n++] = old->regions[i];
            old->regions[i]->refs++;
        }
    }
    return map;
}

static void replace_map(struct guestmem *gm, struct guestmem_map *map)
{
    guestmem_drop(gm->map);
    gm->map = map;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

/* May the region be added? Sums of regions in the map do not wrap. */
static int check_region(const struct guestmem_map *map, const struct region *new)
{
    if (new->size == 0 || new->gpa + new->size < new->gpa ||
        (new->has_uva && new->uva + new->size < new->uva)) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < map->n; i++) {
        const struct region *r = map->regions[i];

        if (overlap(r->gpa, r->size, new->gpa, new->size) ||
            (r->has_uva && new->has_uva && overlap(r->uva, r->size, new->uva, new->size))) {
            return -EEXIST;
        }
    }
    return map->n >= GUESTMEM_MAX_REGIONS ? -ENOSPC : 0;
}

static void insert_region(struct guestmem *gm, struct region *new)
{
    struct guestmem_map *map = map_copy(gm->map, NULL, gm->map->n + 1);
    unsigned at = map->n;

    while (at > 0 && map->regions[at - 1]->gpa > new->gpa) {
        map->regions[at] = map->regions[at - 1];
        at--;
    }
    map->regions[at] = new;
    map->n++;
    replace_map(gm, map);
}

struct guestmem *guestmem_new(void)
{
    struct guestmem *gm = allocate(sizeof *gm);

    gm->map = allocate(sizeof *gm->map);
    gm->map->refs = 1;
    return gm;
}

void guestmem_free(struct guestmem *gm)
{
    guestmem_drop(gm->map);
    free(gm);
}

int guestmem_add(struct guestmem *gm, uint64_t gpa, uint64_t size, void *hva)
{
    struct region region = { .refs = 1, .gpa = gpa, .size = size, .hva = hva, .slot = -1 };
    struct region *copy;
    int r = check_region(gm->map, &region);

    if (r == 0) {
        copy = allocate(sizeof *copy);
        *copy = region;
        insert_region(gm, copy);
    }
    return r;
}

/* Maps the file and fills the region's mapping in. */
static int map_file(struct region *region, int fd, uint64_t offset)
{
    struct stat st;
    void *mapping;

    if (fstat(fd, &st)) {
        return -errno;
    }
    if (offset % PAGE || offset + region->size < offset || st.st_size < 0 ||
        offset + region->size > (uint64_t)st.st_size) {
        return -EINVAL;
    }
    mapping = mmap(NULL, region->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd,
                   (off_t)offset);
    if (mapping == MAP_FAILED) {
        return -errno;
    }
    region->slot = watch_mapping(mapping, region->size);
    if (region->slot < 0) {
        munmap(mapping, region->size);
        return -ENOSPC;
    }
    region->mapping = mapping;
    region->mapping_size = region->size;
    region->hva = mapping;
    return 0;
}

int guestmem_map_fd(struct guestmem *gm, uint64_t gpa, uint64_t uva, uint64_t size, int fd,
                    uint64_t offset)
{
    struct region region = { .refs = 1, .gpa = gpa, .uva = uva, .has_uva = true, .size = size };
    struct region *copy;
    int r = check_region(gm->map, &region);

    if (r == 0) {
        r = map_file(&region, fd, offset);
    }
    if (r == 0) {
        copy = allocate(sizeof *copy);
        *copy = region;
        insert_region(gm, copy);
    }
    return r;
}

int guestmem_remove(struct guestmem *gm, uint64_t gpa, uint64_t uva, uint64_t size)
{
    for (unsigned i = 0; i < gm->map->n; i++) {
        struct region *r = gm->map->regions[i];

        if (r->gpa == gpa && r->uva == uva && r->size == size) {
            replace_map(gm, map_copy(gm->map, r, gm->map->n));
            return 0;
        }
    }
    return -ENOENT;
}

void guestmem_clear(struct guestmem *gm)
{
    struct guestmem_map *map = allocate(sizeof *map);

    map->refs = 1;
    replace_map(gm, map);
}

unsigned guestmem_regions(const struct guestmem *gm)
{
    return gm->map->n;
}

struct guestmem_map *guestmem_hold(struct guestmem *gm)
{
    return guestmem_share(gm->map);
}

struct guestmem_map *guestmem_share(struct guestmem_map *map)
{
    map->refs++;
    return map;
}

void guestmem_drop(struct guestmem_map *map)
{
    if (--map->refs == 0) {
        for (unsigned i = 0; i < map->n; i++) {
            region_drop(map->regions[i]);
        }
        free(map);
    }
}

/* The region that has the byte at gpa, or NULL. */
static const struct region *find(const struct guestmem_map *map, uint64_t gpa)
{
    for (unsigned i = 0; i < map->n; i++) {
        const struct region *r = map->regions[i];

        if (gpa >= r->gpa && gpa - r->gpa < r->size) {
            return r;
        }
    }
    return NULL;
}

void *guestmem_hva(const struct guestmem_map *map, uint64_t gpa, uint64_t len)
{
    const struct region *r = find(map, gpa);

    if (!r || len == 0 || len > r->size - (gpa - r->gpa)) {
        return NULL;
    }
    return r->hva + (gpa - r->gpa);
}

unsigned guestmem_iov(const struct guestmem_map *map, uint64_t gpa, uint64_t len,
                      struct iovec *iov, unsigned max)
{
    unsigned n = 0;

    while (len) {
        const struct region *r = find(map, gpa);
        uint64_t here;

        if (!r || n == max) {
            return 0;
        }
        here = r->size - (gpa - r->gpa);
        if (here > len) {
            here = len;
        }
        iov[n].iov_base = r->hva + (gpa - r->gpa);
        iov[n].iov_len = here;
        n++;
        len -= here;
        gpa += here;            /* may wrap to 0 only at the very end, when len is checked above */
        if (len && gpa == 0) {
            return 0;
        }
    }
    return n;
}

bool guestmem_gpa_of_uva(const struct guestmem_map *map, uint64_t uva, uint64_t *gpa)
{
    for (unsigned i = 0; i < map->n; i++) {
        const struct region *r = map->regions[i];

        if (r->has_uva && uva >= r->uva && uva - r->uva < r->size) {
            *gpa = r->gpa + (uva - r->uva);
            return true;
        }
    }
    return false;
}

bool guestmem_lost(const struct guestmem_map *map)
{
    for (unsigned i = 0; i < map->n; i++) {
        if (map->regions[i]->slot >= 0 && mappings[map->regions[i]->slot].lost) {
            return true;
        }
    }
    return false;
}
