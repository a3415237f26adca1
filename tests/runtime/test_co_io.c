/* Coroutine I/O with both back ends (CPC_AIO): contents verified, short transfers, many requests
 * in flight, errors, streams. */
#include "loop_test.h"

#include "co.h"
#include "co_io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int running;

/* Runs one coroutine to its end. */
static void run(CoroutineEntry *entry, void *opaque)
{
    running++;
    qemu_coroutine_enter(qemu_coroutine_create(entry, opaque));
    while (running) {
        aio_poll(ctx, true);
    }
}

static int temporary_file(void)
{
    char name[] = "/tmp/cpc-test-co-io-XXXXXX";
    int fd = mkstemp(name);

    CHECK(fd >= 0);
    unlink(name);
    return fd;
}

static void fill(unsigned char *data, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1103515245 + 12345;
        data[i] = (unsigned char)(seed >> 16);
    }
}

/* ---- files ---- */

#define SIZE 100000

static void coroutine_fn write_and_read(void *opaque)
{
    static unsigned char out[SIZE], in[SIZE];
    int fd = *(int *)opaque;
    struct iovec parts[] = {
        { out, 1 }, { out + 1, 0 }, { out + 1, 4095 }, { out + 4096, 50000 },
        { out + 54096, SIZE - 54096 }
    };
    struct iovec whole = { in, SIZE };

    fill(out, SIZE, 1);
    CHECK_EQ(co_pwritev(fd, parts, 5, 123), SIZE);
    CHECK_EQ(co_fdatasync(fd), 0);
    CHECK_EQ(co_preadv(fd, &whole, 1, 123), SIZE);
    CHECK(memcmp(in, out, SIZE) == 0);
    /* In pieces, beyond the end: what is there. */
    memset(in, 0, SIZE);
    struct iovec pieces[] = { { in, 7 }, { in + 7, 40000 }, { in + 40007, SIZE - 40007 } };
    CHECK_EQ(co_preadv(fd, pieces, 3, 1123), SIZE - 1000);
    CHECK(memcmp(in, out + 1000, SIZE - 1000) == 0);
    CHECK_EQ(co_preadv(fd, pieces, 3, 10 * SIZE), 0);
    CHECK_EQ(co_preadv(fd, pieces, 0, 0), 0);
    running--;
}

static void test_files(void)
{
    int fd = temporary_file();

    setup();
    run(write_and_read, &fd);
    teardown();
    close(fd);
}

#define N_PARTS 3000

/* More buffers than the kernel takes at once (IOV_MAX is 1024): several requests in a row. */
static void coroutine_fn write_many_parts(void *opaque)
{
    static unsigned char out[N_PARTS * 3], in[N_PARTS * 3];
    static struct iovec parts[N_PARTS];
    int fd = *(int *)opaque;

    fill(out, sizeof out, 2);
    for (int i = 0; i < N_PARTS; i++) {
        parts[i] = (struct iovec){ out + 3 * i, 3 };
    }
    CHECK_EQ(co_pwritev(fd, parts, N_PARTS, 0), (long long)sizeof out);
    for (int i = 0; i < N_PARTS; i++) {
        parts[i].iov_base = in + 3 * i;
    }
    CHECK_EQ(co_preadv(fd, parts, N_PARTS, 0), (long long)sizeof out);
    CHECK(memcmp(in, out, sizeof out) == 0);
    running--;
}

static void test_many_parts(void)
{
    int fd = temporary_file();

    setup();
    run(write_many_parts, &fd);
    teardown();
    close(fd);
}

#define PAGES_EACH 5
#define N_REQUESTS 1000

struct request {
    int fd, number;
    unsigned char data[512];
};

static void coroutine_fn write_verify(void *opaque)
{
    struct request *request = opaque;
    unsigned char back[512];
    struct iovec out = { request->data, 512 }, in = { back, 512 };

    for (int i = 0; i < PAGES_EACH; i++) {
        int64_t offset = 512LL * (request->number * PAGES_EACH + i);
        fill(request->data, 512, (unsigned)(offset + 99));
        CHECK_EQ(co_pwritev(request->fd, &out, 1, offset), 512);
        CHECK_EQ(co_preadv(request->fd, &in, 1, offset), 512);
        CHECK(memcmp(back, request->data, 512) == 0);
    }
    running--;
}

/* A thousand coroutines with a request in flight each: more than either queue of the ring holds. */
static void test_many_requests(void)
{
    static struct request requests[N_REQUESTS];
    int fd = temporary_file();
    unsigned char back[512], wanted[512];

    setup();
    for (int i = 0; i < N_REQUESTS; i++) {
        requests[i].fd = fd;
        requests[i].number = i;
        running++;
        qemu_coroutine_enter(qemu_coroutine_create(write_verify, &requests[i]));
    }
    while (running) {
        aio_poll(ctx, true);
    }
    for (int i = 0; i < N_REQUESTS * PAGES_EACH; i++) {
        CHECK_EQ(pread(fd, back, 512, 512L * i), 512);
        fill(wanted, 512, (unsigned)(512 * i + 99));
        CHECK(memcmp(back, wanted, 512) == 0);
    }
    teardown();
    close(fd);
}

static void coroutine_fn punch_hole(void *opaque)
{
    static unsigned char data[65536], back[65536];
    int fd = *(int *)opaque;
    struct iovec out = { data, sizeof data }, in = { back, sizeof back };

    fill(data, sizeof data, 3);
    CHECK_EQ(co_pwritev(fd, &out, 1, 0), (long long)sizeof data);
    int error = co_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192);
    if (error != -EOPNOTSUPP) {
        CHECK_EQ(error, 0);
        memset(data + 4096, 0, 8192);
    }
    CHECK_EQ(co_preadv(fd, &in, 1, 0), (long long)sizeof data);
    CHECK(memcmp(back, data, sizeof data) == 0);
    CHECK_EQ(co_fallocate(fd, 0, 0, -1), -EINVAL);
    running--;
}

static void test_fallocate(void)
{
    int fd = temporary_file();

    setup();
    run(punch_hole, &fd);
    teardown();
    close(fd);
}

/* ---- errors ---- */

static void coroutine_fn fail_in_all_ways(void *opaque)
{
    char byte = 0;
    struct iovec one = { &byte, 1 };
    struct iovec huge[2] = { { &byte, SIZE_MAX / 2 }, { &byte, SIZE_MAX / 2 } };
    struct iovec nowhere = { (void *)8, 4096 };
    int full = open("/dev/full", O_RDWR), readable = open("/dev/zero", O_RDONLY);

    (void)opaque;
    CHECK(full >= 0 && readable >= 0);
    CHECK_EQ(co_pwritev(full, &one, 1, 0), -ENOSPC);
    CHECK_EQ(co_pwritev(readable, &one, 1, 0), -EBADF);
    CHECK_EQ(co_preadv(-1, &one, 1, 0), -EBADF);
    CHECK_EQ(co_preadv(9999, &one, 1, 0), -EBADF);
    CHECK_EQ(co_fdatasync(9999), -EBADF);
    CHECK_EQ(co_fallocate(9999, 0, 0, 1), -EBADF);
    CHECK_EQ(co_poll(9999, POLLIN), -EBADF);
    CHECK_EQ(co_poll(-1, POLLIN), -EBADF);
    CHECK_EQ(co_preadv(readable, huge, 2, 0), -EINVAL);
    CHECK_EQ(co_preadv(readable, &one, 1, -1), -EINVAL);
    CHECK_EQ(co_preadv(readable, &one, 1, INT64_MAX), -EINVAL);
    CHECK_EQ(co_preadv(readable, &one, -1, 0), -EINVAL);
    CHECK_EQ(co_preadv(readable, &nowhere, 1, 0), -EFAULT);
    running--;
}

/* A file that may not grow: the part that fits is written, and the answer is the error. */
static void coroutine_fn exceed_limit(void *opaque)
{
    static char data[8192];
    struct iovec halves[] = { { data, 4096 }, { data + 4096, 4096 } };
    int fd = *(int *)opaque;

    CHECK_EQ(co_pwritev(fd, halves, 2, 4096), -EFBIG);
    running--;
}

static void test_errors(void)
{
    struct rlimit small = { 6000, RLIM_INFINITY }, old;
    int fd = temporary_file();
    struct stat st;

    setup();
    run(fail_in_all_ways, NULL);
    getrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    run(exceed_limit, &fd);
    setrlimit(RLIMIT_FSIZE, &old);
    CHECK(fstat(fd, &st) == 0);
    CHECK_EQ(st.st_size, 6000);
    teardown();
    close(fd);
}

static void coroutine_fn read_without_loop(void *opaque)
{
    char byte;
    struct iovec one = { &byte, 1 };

    co_preadv(*(int *)opaque, &one, 1, 0);
}

static void enter_with(CoroutineEntry *entry, void *opaque)
{
    qemu_coroutine_enter(qemu_coroutine_create(entry, opaque));
}

static void enter_twice(int fd)
{
    Coroutine *co = qemu_coroutine_create(read_without_loop, &fd);

    qemu_coroutine_enter(co);
    qemu_coroutine_enter(co);
}

static void test_misuse(void)
{
    int fd = temporary_file();

    CHECK_FATAL(enter_with(read_without_loop, &fd), "co_context");
    setup();
    CHECK_FATAL(enter_twice(fd), "Co-routine was already scheduled in 'co_preadv'");
    teardown();
    close(fd);
}

/* ---- streams ---- */

#define STREAM_SIZE 1000000

static int ends[2];

static void coroutine_fn send_stream(void *opaque)
{
    static unsigned char data[STREAM_SIZE];

    (void)opaque;
    fill(data, STREAM_SIZE, 4);
    CHECK_EQ(co_write(ends[0], data, STREAM_SIZE), STREAM_SIZE);
    shutdown(ends[0], SHUT_WR);
    running--;
}

static void coroutine_fn receive_stream(void *opaque)
{
    static unsigned char data[STREAM_SIZE], wanted[STREAM_SIZE];
    size_t got = 0;
    ssize_t n;

    (void)opaque;
    while ((n = co_read(ends[1], data + got, STREAM_SIZE - got)) > 0) {
        got += (size_t)n;
        if (got == STREAM_SIZE) {
            char more;
            CHECK_EQ(co_read(ends[1], &more, 1), 0);
            break;
        }
    }
    fill(wanted, STREAM_SIZE, 4);
    CHECK_EQ(got, STREAM_SIZE);
    CHECK(memcmp(data, wanted, STREAM_SIZE) == 0);
    running--;
}

static void test_streams(void)
{
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    setup();
    running++;
    enter_with(receive_stream, NULL);
    run(send_stream, NULL);
    teardown();
    close(ends[0]);
    close(ends[1]);
}

static void coroutine_fn poll_for(void *opaque)
{
    int events = *(int *)opaque;

    CHECK_EQ(co_poll(ends[0], events) & events, events);
    running--;
}

/* Two coroutines wait for one descriptor, one to read and one to write. */
static void test_poll_both(void)
{
    int in = POLLIN, out = POLLOUT;
    char byte = 0;

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    setup();
    running = 1;
    enter_with(poll_for, &in);
    for (int i = 0; i < 3; i++) {
        aio_poll(ctx, false);
    }
    CHECK_EQ(running, 1);
    running++;
    enter_with(poll_for, &out);
    while (running == 2) {
        aio_poll(ctx, true);
    }
    CHECK_EQ(running, 1);
    CHECK(write(ends[1], &byte, 1) == 1);
    while (running) {
        aio_poll(ctx, true);
    }
    teardown();
    close(ends[0]);
    close(ends[1]);
}

static void coroutine_fn poll_file(void *opaque)
{
    CHECK_EQ(co_poll(*(int *)opaque, POLLIN), POLLIN);
    running--;
}

static void test_poll_file(void)
{
    int fd = temporary_file();

    setup();
    run(poll_file, &fd);
    teardown();
    close(fd);
}

static const struct test tests[] = {
    { "files", test_files },
    { "many-parts", test_many_parts },
    { "many-requests", test_many_requests },
    { "fallocate", test_fallocate },
    { "errors", test_errors },
    { "misuse", test_misuse },
    { "streams", test_streams },
    { "poll-both", test_poll_both },
    { "poll-file", test_poll_file },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
