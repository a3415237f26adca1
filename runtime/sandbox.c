/*
 * sandbox.c - see sandbox.h.
 *
 * The loop's list is also that of the worker threads, which do its blocking calls. It was made by
 * what the code calls; a missing entry shows as the sentence of on_refused.
 */
#include "sandbox.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/kvm.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"

/* What any thread may do: memory, locks, time, descriptors that it has, ending. */
static const int common[] = {
    SCMP_SYS(read),           SCMP_SYS(write),        SCMP_SYS(close),
    SCMP_SYS(futex),          SCMP_SYS(poll),         SCMP_SYS(ppoll),
    SCMP_SYS(munmap),         SCMP_SYS(madvise),      SCMP_SYS(brk),
    SCMP_SYS(clock_gettime),  SCMP_SYS(nanosleep),    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(sched_yield),    SCMP_SYS(getpid),       SCMP_SYS(gettid),
    SCMP_SYS(tgkill),         SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),   SCMP_SYS(exit),         SCMP_SYS(exit_group),
    SCMP_SYS(getrandom),      SCMP_SYS(membarrier),   SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(clock_getres),   SCMP_SYS(getcpu),     /* these where the vDSO has no clock */
};

/* What the loop and its workers do besides: I/O, threads, sockets that are there, children. */
static const int loop_only[] = {
    SCMP_SYS(pread64),        SCMP_SYS(pwrite64),     SCMP_SYS(readv),
    SCMP_SYS(writev),         SCMP_SYS(preadv),       SCMP_SYS(pwritev),
    SCMP_SYS(preadv2),        SCMP_SYS(pwritev2),     SCMP_SYS(lseek),
    SCMP_SYS(fsync),          SCMP_SYS(fdatasync),    SCMP_SYS(sync_file_range),
    SCMP_SYS(fallocate),      SCMP_SYS(ftruncate),    SCMP_SYS(copy_file_range),
    SCMP_SYS(fstat),          SCMP_SYS(newfstatat),   SCMP_SYS(statx),
    SCMP_SYS(fcntl),          SCMP_SYS(dup),          SCMP_SYS(dup3),
    SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register),
    SCMP_SYS(epoll_ctl),      SCMP_SYS(epoll_wait),   SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),   SCMP_SYS(eventfd2),     SCMP_SYS(timerfd_settime),
    SCMP_SYS(accept4),        SCMP_SYS(recvmsg),      SCMP_SYS(sendmsg),
    SCMP_SYS(recvfrom),       SCMP_SYS(sendto),       SCMP_SYS(recvmmsg),
    SCMP_SYS(sendmmsg),       SCMP_SYS(shutdown),     SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),     SCMP_SYS(clone),        SCMP_SYS(clone3),
    SCMP_SYS(set_robust_list), SCMP_SYS(rseq),        SCMP_SYS(prctl),
    SCMP_SYS(sigaltstack),    SCMP_SYS(mremap),       SCMP_SYS(kill),
    SCMP_SYS(wait4),          SCMP_SYS(waitid),       SCMP_SYS(seccomp),
    SCMP_SYS(ioctl),          SCMP_SYS(uname),        SCMP_SYS(sysinfo),
};

/* What a daemon does besides: the in-flight record, the end of its socket. */
static const int daemon_only[] = {SCMP_SYS(memfd_create), SCMP_SYS(unlink)};

/* What fails with EACCES. */
static const int refused[] = {
    SCMP_SYS(open),   SCMP_SYS(openat),   SCMP_SYS(openat2), SCMP_SYS(creat),
    SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(socket),  SCMP_SYS(connect),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
};

enum thread_type { THREAD_LOOP, THREAD_DAEMON, THREAD_VCPU };

static const uint32_t vcpu_ioctls[] = {
    KVM_RUN,       KVM_GET_REGS,  KVM_GET_SREGS,     KVM_TRANSLATE,
    KVM_IRQ_LINE,  KVM_IRQFD,     KVM_IOEVENTFD,     KVM_SET_GSI_ROUTING,
    KVM_SIGNAL_MSI, KVM_KVMCLOCK_CTRL,
    TCSETS,         /* a fault puts the terminal back */
};

static bool entered;            /* constant once vCPUs run */

static int failed(const char *what, int error)
{
    log_error("vmm", "cannot enter the sandbox: %s: %s; --no-sandbox runs without", what,
              strerror(error));
    return -error;
}

static void on_refused(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    (void)context;
    log_error("vmm",
              "the sandbox does not allow system call %d in this thread; --no-sandbox runs without",
              info->si_syscall);
    abort();
}

static int allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
    int r = 0;

    for (size_t i = 0; i < count && r == 0; i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    return r;
}

static int refuse(scmp_filter_ctx filter, enum thread_type type)
{
    int r = 0;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0] && r == 0; i++) {
        if (type != THREAD_DAEMON || refused[i] != SCMP_SYS(unlink))
            r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
    }
    return r;
}

/* Memory may be mapped, but never executed. */
static int allow_memory(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_code);

    if (r == 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code);
    return r;
}

/* Our own memory by the kernel's hand, as co_dump follows pointers; nobody else's. */
static int allow_own_memory(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(process_vm_readv), 1,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
}

static int allow_vcpu_ioctls(scmp_filter_ctx filter)
{
    int r = 0;

    for (size_t i = 0; i < sizeof vcpu_ioctls / sizeof vcpu_ioctls[0] && r == 0; i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, vcpu_ioctls[i]));
    return r;
}

static int load_filter(enum thread_type type)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    int r;

    if (filter == NULL)
        return -ENOMEM;
    seccomp_syscall_priority(filter, SCMP_SYS(ioctl), UINT8_MAX);   /* KVM_RUN: checked first */
    r = allow(filter, common, sizeof common / sizeof common[0]);
    if (r == 0)
        r = refuse(filter, type);
    if (r == 0)
        r = allow_memory(filter);
    if (r == 0 && type == THREAD_VCPU)
        r = allow_vcpu_ioctls(filter);
    else if (r == 0)
        r = allow(filter, loop_only, sizeof loop_only / sizeof loop_only[0]);
    if (r == 0 && type == THREAD_DAEMON)
        r = allow(filter, daemon_only, sizeof daemon_only / sizeof daemon_only[0]);
    if (r == 0 && type != THREAD_VCPU)
        r = allow_own_memory(filter);
    if (r == 0 && type != THREAD_VCPU)
        r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (r == 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    return r;
}

/* The rights that this kernel's Landlock knows: of files by version, and TCP from version 4 on. */
static uint64_t file_rights(long version)
{
    static const unsigned bits[] = {0, 13, 14, 15, 15, 16};
    unsigned n = version < 5 ? bits[version] : bits[5];

    return (UINT64_C(1) << n) - 1;
}

/* Lets the rule set allow to remove files from the folder that has `socket`. */
static int allow_removal(int rules, const char *socket)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = LANDLOCK_ACCESS_FS_REMOVE_FILE};
    char *copy = strdup(socket);
    int r;

    rule.parent_fd = copy != NULL ? open(dirname(copy), O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    r = rule.parent_fd < 0 ? -1
        : (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    r = r < 0 ? failed("landlock_add_rule", errno) : 0;
    if (rule.parent_fd >= 0)
        close(rule.parent_fd);
    free(copy);
    return r;
}

/* A rule set that allows nothing but the end of a daemon's socket; NULL: there is none. */
static int forbid_files(const char *socket)
{
    struct {
        uint64_t files, network;
    } rights = {.network = 3};          /* bind, connect */
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    size_t size = version >= 4 ? sizeof rights : sizeof rights.files;
    int fd, r;

    if (version < 1) {
        log_info("vmm", "this kernel has no Landlock: seccomp alone confines the VMM");
        return 0;
    }
    rights.files = file_rights(version);
    fd = (int)syscall(SYS_landlock_create_ruleset, &rights, size, 0);
    if (fd < 0)
        return failed("landlock_create_ruleset", errno);
    r = socket != NULL ? allow_removal(fd, socket) : 0;
    if (r == 0 && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
        r = failed("landlock_restrict_self", errno);
    close(fd);
    return r;
}

static int enter(enum thread_type type, const char *socket)
{
    struct sigaction action = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO};
    int r;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return failed("PR_SET_NO_NEW_PRIVS", errno);
    sigaction(SIGSYS, &action, NULL);
    r = forbid_files(socket);
    if (r < 0)
        return r;
    r = load_filter(type);
    if (r < 0)
        return failed("seccomp", -r);
    entered = true;
    return 0;
}

int sandbox_enter(void)
{
    return enter(THREAD_LOOP, NULL);
}

int sandbox_enter_daemon(const char *socket)
{
    return enter(THREAD_DAEMON, socket);
}

int sandbox_enter_vcpu(void)
{
    int r = entered ? load_filter(THREAD_VCPU) : 0;

    return r < 0 ? failed("seccomp", -r) : 0;
}
