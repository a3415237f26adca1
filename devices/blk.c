/*
 * virtio-blk (virtio 1.2, section 5.2) on a raw file or a block device of the host.
 *
 * A request is a 16-byte header, data in one direction, and a status byte that is the last byte
 * the driver lets us write; how these are spread over descriptors does not matter. Everything is
 * copied and checked before the first suspension point. errno becomes a status in blk_status alone.
 *
 * Write cache: a write is acknowledged when the host's page cache has it; FLUSH is fdatasync(2).
 * A driver that did not accept F_FLUSH, or turned `writeback` off, gets every write synced first.
 *
 * Longer than other files, because a device is one file.
 *
 * Left out on purpose: SCSI passthrough (CVE-2026-48914), secure erase, zones.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "co_io.h"
#include "virtio.h"

enum blk_feature {
    BLK_F_SEG_MAX = 2,
    BLK_F_RO = 5,
    BLK_F_BLK_SIZE = 6,
    BLK_F_FLUSH = 9,
    BLK_F_TOPOLOGY = 10,
    BLK_F_CONFIG_WCE = 11,
    BLK_F_MQ = 12,
    BLK_F_DISCARD = 13,
    BLK_F_WRITE_ZEROES = 14,
};

enum blk_type {
    BLK_T_IN = 0,
    BLK_T_OUT = 1,
    BLK_T_FLUSH = 4,
    BLK_T_GET_ID = 8,
    BLK_T_DISCARD = 11,
    BLK_T_WRITE_ZEROES = 13,
};

enum blk_answer { BLK_S_OK, BLK_S_IOERR, BLK_S_UNSUPP };

#define SECTOR              512u
#define BLK_ID_BYTES        20
#define BLK_SEG_MAX         254             /* ring of 256: header and status take one each */
#define BLK_RANGES_MAX      16              /* of one discard or write-zeroes request */
#define BLK_RANGE_SECTORS   (1u << 22)      /* 2 GiB */
#define BLK_UNMAP           1u
#define BLK_LOCK_MS         3000

struct blk_header {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
};

struct blk_range {
    uint64_t sector;
    uint32_t sectors;
    uint32_t flags;
};

struct blk_config {
    uint64_t capacity;
    uint32_t size_max;
    uint32_t seg_max;
    uint16_t cylinders;
    uint8_t heads, sectors;
    uint32_t blk_size;
    uint8_t physical_block_exp, alignment_offset;
    uint16_t min_io_size;
    uint32_t opt_io_size;
    uint8_t writeback, unused0;
    uint16_t num_queues;
    uint32_t max_discard_sectors, max_discard_seg, discard_sector_alignment;
    uint32_t max_write_zeroes_sectors, max_write_zeroes_seg;
    uint8_t write_zeroes_may_unmap, unused1[3];
};

struct blk {
    /* Constant after realize. */
    struct virtio_device *dev;
    int fd;
    uint64_t capacity;          /* sectors */
    uint32_t logical, physical; /* bytes */
    bool read_only;
    uint16_t n_queues;
    char id[BLK_ID_BYTES];
    /* Loop thread. */
    bool writeback;
};

/* Divides, because sector * 512 can wrap. */
static bool blk_in_range(const struct blk *blk, uint64_t sector, uint64_t bytes)
{
    return bytes % SECTOR == 0 && sector <= blk->capacity &&
           bytes / SECTOR <= blk->capacity - sector;
}

static bool blk_write_through(const struct blk *blk)
{
    return !virtio_has_feature(blk->dev, BLK_F_FLUSH) ||
           (virtio_has_feature(blk->dev, BLK_F_CONFIG_WCE) && !blk->writeback);
}

/* After a change of the disk: makes it stable where the driver expects no write cache. */
static int coroutine_fn blk_changed(struct blk *blk, int result)
{
    if (result == 0 && blk_write_through(blk)) {
        return co_fdatasync(blk->fd);
    }
    return result;
}

static int coroutine_fn blk_read(struct blk *blk, struct vq_chain *c, uint64_t sector)
{
    if (chain_out_left(c) || chain_in_left(c) == 0 ||
        !blk_in_range(blk, sector, chain_in_left(c))) {
        return -EINVAL;
    }
    return co_chain_pread(c, blk->fd, sector * SECTOR);
}

static int coroutine_fn blk_write(struct blk *blk, struct vq_chain *c, uint64_t sector)
{
    if (blk->read_only) {
        return -EROFS;
    }
    if (chain_in_left(c) || chain_out_left(c) == 0 ||
        !blk_in_range(blk, sector, chain_out_left(c))) {
        return -EINVAL;
    }
    return blk_changed(blk, co_chain_pwrite(c, blk->fd, sector * SECTOR));
}

static int blk_get_id(struct blk *blk, struct vq_chain *c)
{
    size_t room = chain_in_left(c);

    return chain_put(c, blk->id, room < sizeof blk->id ? room : sizeof blk->id) ? 0 : -EINVAL;
}

/* Zeroes where the file system has no call for it. It takes long: a stop of the queue ends it. */
static int coroutine_fn blk_zero_by_hand(struct blk *blk, uint16_t queue, uint64_t offset,
                                         uint64_t bytes)
{
    static const char zeroes[64 * 1024];

    while (bytes) {
        struct iovec piece = { (void *)(uintptr_t)zeroes, sizeof zeroes };
        int64_t done;

        if (bytes < piece.iov_len) {
            piece.iov_len = bytes;
        }
        done = co_pwritev(blk->fd, &piece, 1, (int64_t)offset);
        if (done < 0) {
            return (int)done;
        }
        if (!co_virtio_sleep(blk->dev, queue, 0)) {
            return -ECANCELED;
        }
        offset += (uint64_t)done;
        bytes -= (uint64_t)done;
    }
    return 0;
}

/* One checked range. Discarded sectors read as zeroes here, so that a hole serves both types. */
static int coroutine_fn blk_clear(struct blk *blk, uint16_t queue, uint32_t type,
                                  const struct blk_range *range)
{
    int64_t offset = (int64_t)(range->sector * SECTOR);
    int64_t bytes = (int64_t)range->sectors * SECTOR;
    int r;

    if (bytes == 0) {
        return 0;
    }
    if (type == BLK_T_DISCARD || (range->flags & BLK_UNMAP)) {
        r = co_fallocate(blk->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, bytes);
        if (type == BLK_T_DISCARD) {
            return r == -EOPNOTSUPP ? 0 : r;    /* a discard is advice */
        }
    } else {
        r = co_fallocate(blk->fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, offset, bytes);
    }
    return r == -EOPNOTSUPP ? blk_zero_by_hand(blk, queue, (uint64_t)offset, (uint64_t)bytes) : r;
}

static int blk_check_range(const struct blk *blk, uint32_t type, const struct blk_range *range)
{
    if (range->flags & ~(type == BLK_T_WRITE_ZEROES ? BLK_UNMAP : 0)) {
        return -EOPNOTSUPP;
    }
    if (range->sectors > BLK_RANGE_SECTORS ||
        !blk_in_range(blk, range->sector, (uint64_t)range->sectors * SECTOR)) {
        return -EINVAL;
    }
    return 0;
}

/* Discard and write-zeroes: all ranges are checked before the first is touched. */
static int coroutine_fn blk_clear_ranges(struct blk *blk, uint16_t queue, struct vq_chain *c,
                                         uint32_t type)
{
    struct blk_range ranges[BLK_RANGES_MAX];
    size_t bytes = chain_out_left(c);
    unsigned n = (unsigned)(bytes / sizeof ranges[0]);
    int r = 0;

    if (!virtio_has_feature(blk->dev,
                            type == BLK_T_DISCARD ? BLK_F_DISCARD : BLK_F_WRITE_ZEROES)) {
        return -EOPNOTSUPP;
    }
    if (blk->read_only) {
        return -EROFS;
    }
    if (chain_in_left(c) || n == 0 || bytes > sizeof ranges || bytes % sizeof ranges[0] ||
        !chain_get(c, ranges, bytes)) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < n && r == 0; i++) {
        r = blk_check_range(blk, type, &ranges[i]);
    }
    for (unsigned i = 0; i < n && r == 0; i++) {
        r = blk_clear(blk, queue, type, &ranges[i]);
    }
    return blk_changed(blk, r);
}

static int coroutine_fn blk_execute(struct blk *blk, uint16_t queue, struct vq_chain *c)
{
    struct blk_header header;

    if (!chain_get(c, &header, sizeof header)) {
        return -EINVAL;
    }
    switch (header.type) {
    case BLK_T_IN:
        return blk_read(blk, c, header.sector);
    case BLK_T_OUT:
        return blk_write(blk, c, header.sector);
    case BLK_T_FLUSH:
        return co_fdatasync(blk->fd);
    case BLK_T_GET_ID:
        return blk_get_id(blk, c);
    case BLK_T_DISCARD:
    case BLK_T_WRITE_ZEROES:
        return blk_clear_ranges(blk, queue, c, header.type);
    default:
        return -EOPNOTSUPP;
    }
}

static uint8_t blk_status(int result)
{
    switch (result) {
    case 0:
        return BLK_S_OK;
    case -EOPNOTSUPP:
        return BLK_S_UNSUPP;
    default:
        return BLK_S_IOERR;
    }
}

static void coroutine_fn blk_request(void *state, uint16_t queue, struct vq_chain *c)
{
    if (!chain_reserve_last(c)) {
        return;                 /* no room for a status: nothing to report to */
    }
    chain_put_last(c, blk_status(blk_execute(state, queue, c)));
}

static uint64_t blk_features(void *state)
{
    struct blk *blk = state;
    uint64_t features = 1u << BLK_F_SEG_MAX | 1u << BLK_F_BLK_SIZE | 1u << BLK_F_FLUSH |
                        1u << BLK_F_TOPOLOGY | 1u << BLK_F_CONFIG_WCE | 1u << BLK_F_MQ;

    if (blk->read_only) {
        return features | 1u << BLK_F_RO;
    }
    return features | 1u << BLK_F_DISCARD | 1u << BLK_F_WRITE_ZEROES;
}

static void blk_get_config(void *state, void *config)
{
    struct blk *blk = state;
    struct blk_config *c = config;

    c->capacity = blk->capacity;
    c->seg_max = BLK_SEG_MAX;
    c->blk_size = blk->logical;
    while (blk->logical << c->physical_block_exp < blk->physical) {
        c->physical_block_exp++;
    }
    c->min_io_size = (uint16_t)(blk->physical / blk->logical);
    c->writeback = blk->writeback;
    c->num_queues = blk->n_queues;
    if (!blk->read_only) {
        c->max_discard_sectors = c->max_write_zeroes_sectors = BLK_RANGE_SECTORS;
        c->max_discard_seg = c->max_write_zeroes_seg = BLK_RANGES_MAX;
        c->discard_sector_alignment = blk->physical / SECTOR;
        c->write_zeroes_may_unmap = 1;
    }
}

static void blk_set_config(void *state, const void *config)
{
    struct blk *blk = state;

    if (virtio_has_feature(blk->dev, BLK_F_CONFIG_WCE)) {
        blk->writeback = ((const struct blk_config *)config)->writeback & 1;
    }
}

static void blk_reset(void *state)
{
    ((struct blk *)state)->writeback = true;
}

/* Fills capacity and block sizes from what fd is. */
static int blk_measure(struct blk *blk, const char *path, struct virtio_error *error)
{
    struct stat st;
    uint64_t bytes;
    int logical = SECTOR;
    unsigned physical = 4096;

    if (fstat(blk->fd, &st)) {
        return virtio_fail(error, -errno, "cannot stat '%s': %s", path, strerror(errno));
    }
    if (S_ISREG(st.st_mode)) {
        bytes = (uint64_t)st.st_size;
    } else if (S_ISBLK(st.st_mode)) {
        if (ioctl(blk->fd, BLKGETSIZE64, &bytes) || ioctl(blk->fd, BLKSSZGET, &logical) ||
            ioctl(blk->fd, BLKPBSZGET, &physical)) {
            return virtio_fail(error, -errno, "cannot ask '%s' for its size: %s", path,
                               strerror(errno));
        }
    } else {
        return virtio_fail(error, -EINVAL, "'%s' is neither a file nor a block device", path);
    }
    blk->capacity = bytes / SECTOR;
    blk->logical = (uint32_t)logical;
    blk->physical = physical < blk->logical ? blk->logical : physical;
    if (blk->capacity == 0) {
        return virtio_fail(error, -EINVAL, "'%s' is smaller than one sector of %u bytes", path,
                           SECTOR);
    }
    return 0;
}

/*
 * Locks the disk against another daemon. The lock of a daemon that was killed goes away only when
 * the kernel has finished the last request it had in flight; to write before that would let an old
 * write land on top of a newer one. So a lock that is held is waited for, for a while.
 */
static int blk_lock(const struct blk *blk)
{
    for (int tries = 0; flock(blk->fd, (blk->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB); tries++) {
        if (errno != EWOULDBLOCK || tries == BLK_LOCK_MS / 20) {
            return -errno;
        }
        usleep(20000);
    }
    return 0;
}

static int blk_realize(void *state, struct virtio_device *dev, uint16_t n_queues,
                       const struct virtio_config_values *options, struct virtio_error *error)
{
    struct blk *blk = state;
    const char *path = options->values[0];
    int r;

    blk->dev = dev;
    blk->n_queues = n_queues;
    blk->read_only = options->values[1] != NULL;
    blk->writeback = true;
    memcpy(blk->id, "cpc", 3);
    if (options->values[2]) {
        memset(blk->id, 0, sizeof blk->id);
        memcpy(blk->id, options->values[2], strnlen(options->values[2], sizeof blk->id));
    }
    blk->fd = open(path, (blk->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (blk->fd < 0) {
        return virtio_fail(error, -errno, "cannot open '%s': %s", path, strerror(errno));
    }
    r = blk_lock(blk);
    if (r == -EWOULDBLOCK) {
        virtio_fail(error, r, "'%s' is in use by another process", path);
    } else if (r) {
        virtio_fail(error, r, "cannot lock '%s': %s", path, strerror(-r));
    } else {
        r = blk_measure(blk, path, error);
    }
    if (r) {
        close(blk->fd);
    }
    return r;
}

static void blk_unrealize(void *state)
{
    close(((struct blk *)state)->fd);
}

static const struct virtio_option blk_options[] = {
    { "disk", "FILE", "raw disk image or block device", true },
    { "read-only", NULL, "refuse every change", false },
    { "serial", "ID", "what the guest reads as the disk's serial, up to 20 characters", false },
    { NULL, NULL, NULL, false },
};

const struct virtio_class blk_class = {
    .name = "blk",
    .summary = "disk on a raw image or a block device",
    .device_id = 2,
    .state_size = sizeof(struct blk),
    .config_size = offsetof(struct blk_config, unused1) + 3,    /* 60: without padding */
    .max_queues = 64,
    .queue_size = 256,
    .options = blk_options,
    .realize = blk_realize,
    .unrealize = blk_unrealize,
    .features = blk_features,
    .get_config = blk_get_config,
    .set_config = blk_set_config,
    .request = blk_request,
    .reset = blk_reset,
};
