/*
 * bzimage.c - see bzimage.h.
 */
#include "bzimage.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "elf_image.h"
#include "log.h"
#include "unpack.h"

enum {
    SETUP_HEADER_OFFSET = 0x1f1,
    SECTOR = 512,
    DEFAULT_SETUP_SECTORS = 4,
    VERSION_MIN = 0x020a,           /* the first with init_size */
    SIZE_FIELD = 4,                 /* of the unpacked payload, at the packed one's end */
    PACKED_MAX = 1 << 30,
    MIB = 1 << 20,
    TEXT_OFFSET = 2 << 20,
};

/* struct setup_header, from 0x1f1 to init_size. */
struct setup_header {
    uint8_t setup_sectors;
    uint16_t root_flags;
    uint32_t system_size;
    uint16_t ram_size, video_mode, root_device, boot_flag, jump;
    char magic[4];
    uint16_t version;
    uint8_t unused[0x248 - 0x208];
    uint32_t payload_offset, payload_size;
    uint64_t setup_data, preferred_gpa;
    uint32_t init_size;
} __attribute__((packed));

struct payload {
    const char *path;
    uint8_t *packed;
    size_t packed_size;
    uint32_t size;                  /* unpacked */
};

static int broken(const char *path, const char *what)
{
    log_error("vmm", "'%s' is no bzImage that can be booted: %s", path, what);
    return -ENOEXEC;
}

bool bzimage_recognise(int fd)
{
    struct setup_header h;

    return read_exactly(fd, &h, sizeof h, SETUP_HEADER_OFFSET) == 0
           && memcmp(h.magic, "HdrS", sizeof h.magic) == 0;
}

static void *map_anonymous(size_t size)
{
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (bytes == MAP_FAILED)
        return NULL;
    madvise(bytes, size, MADV_HUGEPAGE);    /* advice only */
    return bytes;
}

/* Where the payload is, and that the guest has room for what it becomes. */
static int check_header(const struct setup_header *h, const char *path, uint64_t file_size,
                        const struct guestmem_map *memory, uint64_t *offset)
{
    uint64_t sectors = h->setup_sectors != 0 ? h->setup_sectors : DEFAULT_SETUP_SECTORS;

    if (h->version < VERSION_MIN)
        return broken(path, "its boot protocol is older than 2.10 (Linux 2.6.31)");
    *offset = (sectors + 1) * SECTOR + h->payload_offset;
    if (h->payload_size <= SIZE_FIELD || h->payload_size > PACKED_MAX || *offset > file_size
        || h->payload_size > file_size - *offset)
        return broken(path, "its payload is outside the file");
    if (h->init_size == 0 || h->preferred_gpa > UINT32_MAX)
        return broken(path, "its header does not say where the kernel goes");
    if (guestmem_hva(memory, h->preferred_gpa, h->init_size) == NULL) {
        log_error("vmm",
                  "'%s' does not fit into the guest's memory: it needs %llu MiB to start; give the "
                  "guest more (--memory)",
                  path, ((unsigned long long)h->preferred_gpa + h->init_size + MIB - 1) / MIB);
        return -ENOMEM;
    }
    return 0;
}

/*
 * Where the ELF file goes in guest memory, so that its first segment, the largest, lies where it belongs:
 * linkers begin it at TEXT_OFFSET of the file. 0: there is no such place.
 */
static uint64_t find_place(const struct setup_header *h, const struct guestmem_map *memory,
                           uint64_t min_gpa, uint64_t size)
{
    uint64_t gpa = h->preferred_gpa;

    if (gpa < min_gpa + TEXT_OFFSET || guestmem_hva(memory, gpa - TEXT_OFFSET, size) == NULL)
        return 0;
    return gpa - TEXT_OFFSET;
}

static int unpack_payload(const struct payload *p, void **elf)
{
    const char *format = unpack_format(p->packed, p->packed_size);
    bool own = *elf == NULL;
    int r;

    if (format == NULL)
        return broken(p->path, "its payload is packed in a way that is not known here");
    if (own)
        *elf = map_anonymous(p->size);
    if (*elf == NULL) {
        log_error("vmm", "no memory to unpack '%s'", p->path);
        return -ENOMEM;
    }
    r = unpack(p->packed, p->packed_size, *elf, p->size);
    if (r == 0)
        return 0;
    if (own)
        munmap(*elf, p->size);
    if (r == -EPROTONOSUPPORT)
        log_error("vmm",
                  "'%s' is packed with %s, which is not unpacked here: give its vmlinux (ELF), or "
                  "a kernel packed with LZ4, zstd, gzip, xz or lzma",
                  p->path, format);
    else
        log_error("vmm", "'%s' is damaged: its %s data does not unpack to the size it names",
                  p->path, format);
    return -ENOEXEC;
}

/* Reads the packed payload; the size of the unpacked one is its last field. */
static int read_payload(struct payload *p, int fd, uint64_t offset, uint32_t init_size)
{
    if (read_exactly(fd, p->packed, p->packed_size, offset) < 0)
        return broken(p->path, "its payload cannot be read");
    memcpy(&p->size, p->packed + p->packed_size - SIZE_FIELD, SIZE_FIELD);
    if (p->size == 0 || p->size > init_size)
        return broken(p->path, "its payload is larger than the memory that its header asks for");
    return 0;
}

int bzimage_unpack(int fd, const char *path, uint64_t file_size, const struct guestmem_map *memory,
                   uint64_t min_gpa, struct bzimage_elf *elf)
{
    struct payload p = {.path = path};
    struct setup_header h;
    uint64_t offset;
    int r;

    if (read_exactly(fd, &h, sizeof h, SETUP_HEADER_OFFSET) < 0)
        return broken(path, "its header is cut off");
    r = check_header(&h, path, file_size, memory, &offset);
    if (r < 0)
        return r;
    p.packed_size = h.payload_size;
    p.packed = map_anonymous(p.packed_size);
    if (p.packed == NULL) {
        log_error("vmm", "no memory to read '%s'", path);
        return -ENOMEM;
    }
    r = read_payload(&p, fd, offset, h.init_size);
    elf->size = p.size;
    elf->gpa = r == 0 ? find_place(&h, memory, min_gpa, p.size) : 0;
    elf->bytes = elf->gpa != 0 ? guestmem_hva(memory, elf->gpa, p.size) : NULL;
    if (r == 0)
        r = unpack_payload(&p, &elf->bytes);
    munmap(p.packed, p.packed_size);
    return r;
}

int bzimage_leave_guest(struct bzimage_elf *elf)
{
    void *own = map_anonymous(elf->size);

    if (own == NULL)
        return -ENOMEM;
    memcpy(own, elf->bytes, elf->size);
    memset(elf->bytes, 0, elf->size);
    elf->bytes = own;
    elf->gpa = 0;
    return 0;
}

void bzimage_free(struct bzimage_elf *elf)
{
    if (elf->gpa == 0)
        munmap(elf->bytes, elf->size);
}
