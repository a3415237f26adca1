/*
 * kvm.c - see kvm.h: one function per ioctl, each with its sentence.
 */
#include "kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"

/* Three pages below 4 GiB that real mode needs on Intel hosts; nothing of ours lies there. */
static const uint64_t IDENTITY_MAP_GPA = 0xfffbc000;
static const unsigned long TSS_GPA = 0xfffbd000;

struct capability {
    int number;
    const char *name;
};

static const struct capability needed[] = {
    {KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY"},
    {KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP"},
    {KVM_CAP_IRQFD, "KVM_CAP_IRQFD"},
    {KVM_CAP_IOEVENTFD, "KVM_CAP_IOEVENTFD"},
    {KVM_CAP_EXT_CPUID, "KVM_CAP_EXT_CPUID"},
    {KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT"},
};

static int failed(const char *name, const char *advice)
{
    int error = errno;

    log_error("vmm", "%s failed: %s%s%s", name, strerror(error), *advice ? "; " : "", advice);
    return -error;
}

static int open_failed(void)
{
    int error = errno;

    if (error == ENOENT || error == ENXIO || error == ENODEV)
        log_error(
            "vmm",
            "this machine has no usable /dev/kvm (%s): load the kvm_intel or kvm_amd module, or "
            "boot the guest with --accel uml or tcg",
            strerror(error));
    else if (error == EACCES || error == EPERM)
        log_error(
            "vmm",
            "not permitted to open /dev/kvm (%s): add yourself to the group that owns it (usually "
            "'sudo adduser $USER kvm', then log in again), or boot the guest with --accel uml or tcg",
            strerror(error));
    else
        log_error("vmm", "cannot open /dev/kvm: %s", strerror(error));
    return -error;
}

bool kvm_has(const struct kvm *kvm, int capability)
{
    return ioctl(kvm->fd, KVM_CHECK_EXTENSION, (unsigned long)capability) > 0;
}

static int check_capabilities(struct kvm *kvm)
{
    int version = ioctl(kvm->fd, KVM_GET_API_VERSION, 0);

    if (version < 0) {
        log_error("vmm", "/dev/kvm does not answer KVM_GET_API_VERSION (%s): it is not KVM",
                  strerror(errno));
        return -ENODEV;
    }
    if (version != KVM_API_VERSION) {
        log_error("vmm", "/dev/kvm speaks API version %d, this program version %d", version,
                  KVM_API_VERSION);
        return -ENODEV;
    }
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!kvm_has(kvm, needed[i].number)) {
            log_error("vmm", "this KVM lacks %s, which the VMM needs", needed[i].name);
            return -ENODEV;
        }
    }
    return 0;
}

static int create_vm(struct kvm *kvm)
{
    uint64_t identity = IDENTITY_MAP_GPA;
    int size = ioctl(kvm->fd, KVM_GET_VCPU_MMAP_SIZE, 0);

    if (size < (int)sizeof(struct kvm_run))
        return failed("KVM_GET_VCPU_MMAP_SIZE", "this KVM is too old");
    kvm->run_size = (size_t)size;
    kvm->any_length = ioctl(kvm->fd, KVM_CHECK_EXTENSION, KVM_CAP_IOEVENTFD_ANY_LENGTH) > 0;
    do {
        kvm->vm = ioctl(kvm->fd, KVM_CREATE_VM, 0UL);
    } while (kvm->vm < 0 && errno == EINTR);
    if (kvm->vm < 0)
        return failed("KVM_CREATE_VM", "another hypervisor may own the CPU's virtualisation");
    if (ioctl(kvm->vm, KVM_SET_IDENTITY_MAP_ADDR, &identity) < 0)
        return failed("KVM_SET_IDENTITY_MAP_ADDR", "");
    if (ioctl(kvm->vm, KVM_SET_TSS_ADDR, TSS_GPA) < 0)
        return failed("KVM_SET_TSS_ADDR", "");
    return 0;
}

int kvm_open(struct kvm *kvm)
{
    int r;

    kvm->vm = -1;
    kvm->fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm->fd < 0)
        return open_failed();
    r = check_capabilities(kvm);
    if (r == 0)
        r = create_vm(kvm);
    if (r < 0)
        kvm_close(kvm);
    return r;
}

void kvm_close(struct kvm *kvm)
{
    if (kvm->vm >= 0)
        close(kvm->vm);
    if (kvm->fd >= 0)
        close(kvm->fd);
    kvm->vm = kvm->fd = -1;
}

int kvm_set_memory(struct kvm *kvm, unsigned slot, uint64_t gpa, uint64_t size, void *hva)
{
    struct kvm_userspace_memory_region region = {
        .slot = slot,
        .guest_phys_addr = gpa,
        .memory_size = size,
        .userspace_addr = (uintptr_t)hva,
    };

    if (ioctl(kvm->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
        return failed("KVM_SET_USER_MEMORY_REGION", "give the guest less memory (--memory)");
    return 0;
}

int kvm_create_irqchip(struct kvm *kvm)
{
    if (ioctl(kvm->vm, KVM_CREATE_IRQCHIP, 0) < 0)
        return failed("KVM_CREATE_IRQCHIP", "this KVM has no interrupt controllers in the kernel");
    return 0;
}

int kvm_set_irq_line(struct kvm *kvm, unsigned gsi, bool level)
{
    struct kvm_irq_level line = {.irq = gsi, .level = level};

    if (ioctl(kvm->vm, KVM_IRQ_LINE, &line) < 0)
        return failed("KVM_IRQ_LINE", "");
    return 0;
}

int kvm_add_irqfd(struct kvm *kvm, int fd, unsigned gsi)
{
    struct kvm_irqfd irqfd = {.fd = (uint32_t)fd, .gsi = gsi};

    if (ioctl(kvm->vm, KVM_IRQFD, &irqfd) < 0)
        return failed("KVM_IRQFD", "");
    return 0;
}

int kvm_add_ioeventfd(struct kvm *kvm, int fd, uint64_t gpa, uint32_t value)
{
    struct kvm_ioeventfd event = {
        .datamatch = value,
        .addr = gpa,
        .len = 4,
        .fd = fd,
        .flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
    };

    if (ioctl(kvm->vm, KVM_IOEVENTFD, &event) == 0)
        return 0;
    if (errno == ENOSPC || errno == EINVAL)
        return -errno;
    return failed("KVM_IOEVENTFD", "");
}

int kvm_set_kick(struct kvm *kvm, int fd, uint64_t gpa, bool remove)
{
    struct kvm_ioeventfd event = {
        .addr = gpa,
        .len = kvm->any_length ? 0 : 2,
        .fd = fd,
        .flags = remove ? KVM_IOEVENTFD_FLAG_DEASSIGN : 0,
    };

    return ioctl(kvm->vm, KVM_IOEVENTFD, &event) < 0 ? -errno : 0;
}

int kvm_set_routes(struct kvm *kvm, struct kvm_irq_routing *table)
{
    return ioctl(kvm->vm, KVM_SET_GSI_ROUTING, table) < 0 ? -errno : 0;
}

int kvm_supported_cpuid(struct kvm *kvm, union kvm_cpuid_room *cpuid)
{
    memset(cpuid, 0, sizeof *cpuid);
    cpuid->table.nent = KVM_CPUID_MAX;
    if (ioctl(kvm->fd, KVM_GET_SUPPORTED_CPUID, cpuid) < 0)
        return failed("KVM_GET_SUPPORTED_CPUID", "");
    return 0;
}

int kvm_vcpu_open(struct kvm *kvm, unsigned index, struct kvm_vcpu *vcpu)
{
    void *run;

    vcpu->index = index;
    vcpu->run = NULL;
    vcpu->run_size = kvm->run_size;
    vcpu->fd = ioctl(kvm->vm, KVM_CREATE_VCPU, (unsigned long)index);
    if (vcpu->fd < 0)
        return failed("KVM_CREATE_VCPU", "give the guest fewer CPUs (--cpus)");
    run = mmap(NULL, vcpu->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
    if (run == MAP_FAILED) {
        int r = failed("mapping a vCPU's kvm_run", "");

        kvm_vcpu_close(vcpu);
        return r;
    }
    vcpu->run = run;
    return 0;
}

void kvm_vcpu_close(struct kvm_vcpu *vcpu)
{
    if (vcpu->run != NULL)
        munmap(vcpu->run, vcpu->run_size);
    if (vcpu->fd > 0)
        close(vcpu->fd);
    vcpu->run = NULL;
    vcpu->fd = -1;
}

int kvm_vcpu_ioctl(struct kvm_vcpu *vcpu, unsigned long request, const char *name, void *argument)
{
    int r = ioctl(vcpu->fd, request, argument);

    if (r < 0)
        return failed(name, "");
    return r;
}

void kvm_vcpu_resumed(struct kvm_vcpu *vcpu)
{
    ioctl(vcpu->fd, KVM_KVMCLOCK_CTRL, 0);  /* -EINVAL: the guest has no kvm-clock */
}

int kvm_vcpu_run(struct kvm_vcpu *vcpu)
{
    if (ioctl(vcpu->fd, KVM_RUN, 0) == 0)
        return 0;
    if (errno == EINTR || errno == EAGAIN)
        return -EINTR;
    return failed("KVM_RUN", "");
}
