/*
 * sandbox.c - enters the sandbox and tries what its argument names; prints what came of it. Files to be
 * removed are `socket`, in a daemon's own folder, and `../other`.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sandbox.h"

static struct io_uring ring;
static int kvm;

static int open_file(void)
{
    return open("/etc/passwd", O_RDONLY) < 0 ? -errno : 0;
}

/* What seccomp does not see. */
static int open_by_uring(void)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    struct io_uring_cqe *cqe;

    io_uring_prep_openat(sqe, AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
    io_uring_submit_and_wait(&ring, 1);
    io_uring_peek_cqe(&ring, &cqe);
    return cqe->res < 0 ? cqe->res : 0;
}

static int run_program(void)
{
    char *const none[] = {NULL};

    return execve("/bin/true", none, none) < 0 ? -errno : 0;
}

static int make_code(void)
{
    void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return code == MAP_FAILED ? -errno : 0;
}

static int make_file_shorter(void)
{
    return ftruncate(kvm, 0) < 0 ? -errno : 0;
}

static int ask_version(void)
{
    return ioctl(kvm, KVM_GET_API_VERSION, 0) < 0 ? -errno : 0;
}

static int allocate(void)
{
    char *bytes = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return bytes == MAP_FAILED ? -errno : munmap(bytes, 1 << 20);
}

static int remove_socket(void)
{
    return unlink("socket") < 0 ? -errno : 0;
}

static int remove_other(void)
{
    return unlink("../other") < 0 ? -errno : 0;
}

static int make_memory_file(void)
{
    return memfd_create("record", MFD_CLOEXEC) < 0 ? -errno : 0;
}

static int read_memory_of(pid_t pid)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {&kvm, 1};

    return process_vm_readv(pid, &here, 1, &there, 1, 0) < 0 ? -errno : 0;
}

static int read_own_memory(void)
{
    return read_memory_of(getpid());
}

static int read_parents_memory(void)
{
    return read_memory_of(getppid());
}

static const struct {
    const char *name;
    int (*attempt)(void);
} attempts[] = {
    {"open", open_file},          {"open-by-uring", open_by_uring}, {"exec", run_program},
    {"code", make_code},          {"truncate", make_file_shorter},  {"ioctl", ask_version},
    {"allocate", allocate},       {"remove", remove_socket},        {"remove-other", remove_other},
    {"memory-file", make_memory_file}, {"peek", read_own_memory}, {"peek-parent", read_parents_memory},
};

/* Prints without stdio, which asks for more system calls than a vCPU's thread has. */
static void *attempt(void *name)
{
    char line[100];

    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        if (strcmp(name, attempts[i].name) != 0)
            continue;
        snprintf(line, sizeof line, "%s\n", strerror(-attempts[i].attempt()));
        if (write(STDOUT_FILENO, line, strlen(line)) < 0)
            abort();
    }
    return NULL;
}

static void *attempt_as_vcpu(void *name)
{
    return sandbox_enter_vcpu() == 0 ? attempt(name) : NULL;
}

/* Arguments: loop, daemon or vcpu, and the name of the attempt. */
int main(int argc, char **argv)
{
    bool is_daemon = argc == 3 && strcmp(argv[1], "daemon") == 0;
    pthread_t thread;

    kvm = open("/dev/null", O_RDWR);
    if (argc != 3 || kvm < 0 || io_uring_queue_init(4, &ring, 0) < 0)
        return 1;
    if ((is_daemon ? sandbox_enter_daemon("./socket") : sandbox_enter()) < 0)
        return 1;
    if (is_daemon || strcmp(argv[1], "loop") == 0) {
        attempt(argv[2]);
        return 0;
    }
    pthread_create(&thread, NULL, attempt_as_vcpu, argv[2]);
    pthread_join(thread, NULL);
    return 0;
}
