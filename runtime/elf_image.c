/*
 * elf_image.c - see elf_image.h. Headers of both classes are first brought into struct segment, so
 * that every check is written once.
 */
#include "elf_image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bzimage.h"
#include "log.h"

enum {
    MAX_SEGMENTS = 64,
    MAX_NOTES = 1 << 20,            /* bytes; Linux has half a KiB */
    NOTE_PVH = 18,                  /* of "Xen": XEN_ELFNOTE_PHYS32_ENTRY */
    NOTE_FLAT = 1,                  /* of "CPC" */
};

struct segment {
    uint32_t type;
    uint64_t offset, file_size, memory_size, gpa;
};

struct reader {
    const struct guestmem_map *memory;
    const char *path;
    int fd;                         /* of the file, unless */
    struct bzimage_elf unpacked;    /* ... the ELF file came out of a bzImage: its bytes */
    uint64_t size;                  /* of the ELF file */
    uint64_t min_gpa;
    struct elf_image *image;
    struct segment segment[MAX_SEGMENTS];
    unsigned n_segments;
};

int read_exactly(int fd, void *bytes, uint64_t size, uint64_t offset)
{
    uint64_t done = 0;

    while (done < size) {
        ssize_t n = pread(fd, (char *)bytes + done, size - done, (off_t)(offset + done));

        if (n == 0)
            return -EIO;
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            done += (uint64_t)n;
    }
    return 0;
}

/* The same from the ELF file, wherever it is. */
static int read_elf(const struct reader *r, void *bytes, uint64_t size, uint64_t offset)
{
    const char *unpacked = r->unpacked.bytes;

    if (unpacked == NULL)
        return read_exactly(r->fd, bytes, size, offset);
    if (offset > r->size || size > r->size - offset)
        return -EIO;
    if (unpacked + offset != bytes)
        memmove(bytes, unpacked + offset, size);
    return 0;
}

static int broken(const struct reader *r, const char *what)
{
    log_error("vmm", "'%s' is not an ELF program that can be loaded: %s", r->path, what);
    return -ENOEXEC;
}

/* True when `size` bytes at `offset` are inside the file. */
static bool in_file(const struct reader *r, uint64_t offset, uint64_t size)
{
    return offset <= r->size && size <= r->size - offset;
}

static int read_header_32(struct reader *r)
{
    Elf32_Ehdr h;
    Elf32_Phdr p;

    if (read_elf(r, &h, sizeof h, 0) < 0)
        return broken(r, "its header is cut off");
    if (h.e_machine != EM_386 || h.e_type != ET_EXEC || h.e_phentsize != sizeof p)
        return broken(r, "it is no executable for x86");
    if (h.e_phnum == 0 || h.e_phnum > MAX_SEGMENTS)
        return broken(r, "it has no program headers, or too many");
    r->image->entry = h.e_entry;
    r->n_segments = h.e_phnum;
    for (unsigned i = 0; i < r->n_segments; i++) {
        if (read_elf(r, &p, sizeof p, (uint64_t)h.e_phoff + i * sizeof p) < 0)
            return broken(r, "its program headers are outside the file");
        r->segment[i] = (struct segment){p.p_type, p.p_offset, p.p_filesz, p.p_memsz, p.p_paddr};
    }
    return 0;
}

static int read_header_64(struct reader *r)
{
    Elf64_Ehdr h;
    Elf64_Phdr p;

    if (read_elf(r, &h, sizeof h, 0) < 0)
        return broken(r, "its header is cut off");
    if (h.e_machine != EM_X86_64 || h.e_type != ET_EXEC || h.e_phentsize != sizeof p)
        return broken(r, "it is no executable for x86-64");
    if (h.e_phnum == 0 || h.e_phnum > MAX_SEGMENTS)
        return broken(r, "it has no program headers, or too many");
    if (!in_file(r, h.e_phoff, h.e_phnum * sizeof p))
        return broken(r, "its program headers are outside the file");
    r->image->entry = h.e_entry;
    r->n_segments = h.e_phnum;
    for (unsigned i = 0; i < r->n_segments; i++) {
        if (read_elf(r, &p, sizeof p, h.e_phoff + i * sizeof p) < 0)
            return broken(r, "its program headers cannot be read");
        r->segment[i] = (struct segment){p.p_type, p.p_offset, p.p_filesz, p.p_memsz, p.p_paddr};
    }
    return 0;
}

static int read_header(struct reader *r)
{
    unsigned char ident[EI_NIDENT];

    if (read_elf(r, ident, sizeof ident, 0) < 0 || memcmp(ident, ELFMAG, SELFMAG) != 0)
        return broken(r, "it does not begin with an ELF header, nor is it a bzImage");
    if (ident[EI_DATA] != ELFDATA2LSB)
        return broken(r, "it is not little endian");
    r->image->is_64 = ident[EI_CLASS] == ELFCLASS64;
    if (r->image->is_64)
        return read_header_64(r);
    if (ident[EI_CLASS] == ELFCLASS32)
        return read_header_32(r);
    return broken(r, "it is neither a 32-bit nor a 64-bit file");
}

static int load_segment(struct reader *r, const struct segment *s)
{
    void *hva;
    int error;

    if (s->memory_size == 0)
        return 0;
    if (s->file_size > s->memory_size || !in_file(r, s->offset, s->file_size))
        return broken(r, "a segment is outside the file");
    if (s->gpa < r->min_gpa)
        return broken(r, "a segment is to be loaded below 1 MiB, where the boot data is");
    hva = guestmem_hva(r->memory, s->gpa, s->memory_size);
    if (hva == NULL) {
        log_error(
            "vmm",
            "'%s' does not fit into the guest's memory: a segment of %llu bytes goes to 0x%llx; "
            "give the guest more (--memory)",
            r->path, (unsigned long long)s->memory_size, (unsigned long long)s->gpa);
        return -ENOMEM;
    }
    error = read_elf(r, hva, s->file_size, s->offset);
    if (error < 0)
        return broken(r, "a segment cannot be read");
    if (s->gpa + s->memory_size > r->image->end)
        r->image->end = s->gpa + s->memory_size;
    return 0;
}

/* One note with a name of four bytes; `desc` has `size` bytes. */
static void read_note(struct elf_image *image, uint32_t type, const unsigned char *name,
                      const unsigned char *desc, uint32_t size)
{
    uint32_t entry;

    if (type == NOTE_PVH && memcmp(name, "Xen", 4) == 0 && size >= sizeof entry) {
        memcpy(&entry, desc, sizeof entry);
        image->pvh_entry = entry;
    } else if (type == NOTE_FLAT && memcmp(name, "CPC", 4) == 0) {
        image->is_flat = true;
    }
}

static void scan_notes(struct reader *r, const unsigned char *notes, uint64_t size)
{
    uint64_t at = 0;
    Elf32_Nhdr h;       /* the same in both classes */

    while (size - at >= sizeof h) {
        uint64_t name, desc, next;

        memcpy(&h, notes + at, sizeof h);
        name = at + sizeof h;
        desc = name + ((uint64_t)h.n_namesz + 3) / 4 * 4;
        next = desc + ((uint64_t)h.n_descsz + 3) / 4 * 4;
        if (desc + h.n_descsz > size)
            return;
        if (h.n_namesz == 4)
            read_note(r->image, h.n_type, notes + name, notes + desc, h.n_descsz);
        if (next > size)
            return;
        at = next;
    }
}

static int read_notes(struct reader *r, const struct segment *s)
{
    unsigned char *notes;
    int error;

    if (s->file_size == 0 || s->file_size > MAX_NOTES || !in_file(r, s->offset, s->file_size))
        return 0;           /* as if there were none: only Linux' is of interest */
    notes = malloc(s->file_size);
    if (notes == NULL)
        return -ENOMEM;
    error = read_elf(r, notes, s->file_size, s->offset);
    if (error == 0)
        scan_notes(r, notes, s->file_size);
    free(notes);
    return error < 0 ? broken(r, "its notes cannot be read") : 0;
}

/* Those of the type with contents; their number. */
static unsigned loaded_segments(const struct reader *r, const struct segment **found)
{
    unsigned n = 0;

    for (unsigned i = 0; i < r->n_segments; i++) {
        if (r->segment[i].type == PT_LOAD && r->segment[i].file_size > 0)
            found[n++] = &r->segment[i];
    }
    return n;
}

/*
 * Whether the segments of a file in guest memory can be moved to their places one after the other: in the
 * file and in memory they come in the same order and apart, and none moves up, onto one that is to come.
 */
static bool moves_down_only(const struct reader *r)
{
    const struct segment *s[MAX_SEGMENTS];
    unsigned n = loaded_segments(r, s);

    for (unsigned i = 0; i < n; i++) {
        if (!in_file(r, s[i]->offset, s[i]->file_size) || s[i]->gpa > UINT32_MAX
            || s[i]->gpa > r->unpacked.gpa + s[i]->offset)
            return false;
        if (i > 0 && (s[i]->offset < s[i - 1]->offset + s[i - 1]->file_size
                      || s[i]->gpa < s[i - 1]->gpa + s[i - 1]->file_size))
            return false;
    }
    return true;
}

/* The rest of the file, between and behind its segments, was never loaded. */
static void clear_between_segments(const struct reader *r)
{
    const struct segment *s[MAX_SEGMENTS];
    uint64_t at = r->unpacked.gpa, end = at + r->unpacked.size;
    unsigned n = loaded_segments(r, s);

    for (unsigned i = 0; i <= n && at < end; i++) {
        uint64_t next = i < n && s[i]->gpa < end ? s[i]->gpa : end;

        if (next > at)
            memset((char *)r->unpacked.bytes + (at - r->unpacked.gpa), 0, next - at);
        if (i < n && s[i]->gpa + s[i]->file_size > at)
            at = s[i]->gpa + s[i]->file_size;
    }
}

static int load_segments(struct reader *r)
{
    bool in_guest = r->unpacked.bytes != NULL && r->unpacked.gpa != 0;
    int error = 0;

    if (in_guest && !moves_down_only(r)) {
        in_guest = false;
        if (bzimage_leave_guest(&r->unpacked) < 0)
            return broken(r, "there is no memory to unpack it");
    }
    for (unsigned i = 0; error == 0 && i < r->n_segments; i++) {
        if (r->segment[i].type == PT_LOAD)
            error = load_segment(r, &r->segment[i]);
    }
    if (in_guest && error == 0)
        clear_between_segments(r);
    return error;
}

static int load_elf(struct reader *r)
{
    int error = read_header(r);

    for (unsigned i = 0; error == 0 && i < r->n_segments; i++) {
        if (r->segment[i].type == PT_NOTE)
            error = read_notes(r, &r->segment[i]);
    }
    if (error == 0)
        error = load_segments(r);
    if (error == 0 && r->image->end == 0)
        return broken(r, "it has nothing to load");
    return error;
}

static int load(struct reader *r)
{
    int error;

    if (!bzimage_recognise(r->fd))
        return load_elf(r);
    error = bzimage_unpack(r->fd, r->path, r->size, r->memory, r->min_gpa, &r->unpacked);
    if (error < 0)
        return error;
    r->size = r->unpacked.size;
    error = load_elf(r);
    bzimage_free(&r->unpacked);
    return error;
}

int elf_image_load(const struct guestmem_map *memory, const char *path, uint64_t min_gpa,
                   struct elf_image *image)
{
    struct reader r = {.memory = memory, .path = path, .min_gpa = min_gpa, .image = image};
    struct stat st;
    int error;

    memset(image, 0, sizeof *image);
    r.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (r.fd < 0 || fstat(r.fd, &st) < 0) {
        error = errno;
        log_error("vmm", "cannot open the kernel '%s': %s", path, strerror(error));
        if (r.fd >= 0)
            close(r.fd);
        return -error;
    }
    if (!S_ISREG(st.st_mode)) {
        error = broken(&r, "it is no regular file");
    } else {
        r.size = (uint64_t)st.st_size;
        error = load(&r);
    }
    close(r.fd);
    return error;
}
