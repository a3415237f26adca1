/*
 * vcpu_state.c - the state in which a vCPU starts, as firmware would have left it.
 *
 * CPUID is what the host can give, without the performance counters and power management that the
 * VMM does not back, with our own topology: one package, one thread per core, APIC numbers from 0.
 * KVM's own leaves (0x40000000) stay: kvm-clock gives the guest its TSC frequency, without which
 * Linux on reduced-hardware ACPI finds no clock. CPUID is set first, since newer KVMs give MSRs by
 * it.
 */
#include "vcpu.h"

#include <errno.h>
#include <string.h>

#include "log.h"

enum {
    MSR_TSC = 0x10,
    MSR_SYSENTER_CS = 0x174,
    MSR_SYSENTER_ESP = 0x175,
    MSR_SYSENTER_EIP = 0x176,
    MSR_MISC_ENABLE = 0x1a0,
    MSR_MTRR_DEFAULT = 0x2ff,
    MISC_ENABLE_FAST_STRING = 1,
    MTRR_ENABLED_WRITE_BACK = 0x806,

    CR0_PE = 1,
    CR0_ET = 1 << 4,
    CR4_PAE = 1 << 5,
    EFER_LME = 1 << 8,
    EFER_LMA = 1 << 10,
    RFLAGS_FIXED = 2,

    SEGMENT_CODE = 11,      /* execute, read, accessed */
    SEGMENT_DATA = 3,       /* read, write, accessed */
    SEGMENT_TSS = 11,       /* busy */
    SELECTOR_CODE = 8,
    SELECTOR_DATA = 16,

    APIC_LVT_LINT0 = 0x350,
    APIC_LVT_LINT1 = 0x360,
    APIC_MODE_EXTINT = 7 << 8,
    APIC_MODE_NMI = 4 << 8,

    FEATURE_PDCM = 1 << 15,             /* leaf 1, ecx */
    FEATURE_TSC_DEADLINE = 1 << 24,
    FEATURE_HTT = 1 << 28,              /* leaf 1, edx */
    FEATURE_ARAT = 1 << 2,              /* leaf 6, eax: the local APIC's timer never stops */
    FEATURE_WAITPKG = 1 << 5,           /* leaf 7, ecx */
    FEATURE_CMP_LEGACY = 1 << 1,        /* leaf 0x80000001, ecx */
    FEATURE_PERFORMANCE = 1 << 23 | 1 << 24 | 1 << 28,  /* there too: AMD's counters */

    CACHE_LEVEL_SHIFT = 5,              /* leaves 4 and 0x8000001d, eax */
    CACHE_SHARING_SHIFT = 14,
    CACHE_SHARING_MASK = 0xfff,
    CACHE_CORES_SHIFT = 26,             /* leaf 4 only */
    LAST_CACHE = 3,
};

#define CR0_PG 0x80000000u
#define FEATURE_HYPERVISOR 0x80000000u

/* Bits that number `count` things. */
static uint32_t width(unsigned count)
{
    uint32_t bits = 0;

    while ((1u << bits) < count)
        bits++;
    return bits;
}

static void set_leaf_1(struct kvm_cpuid_entry2 *e, unsigned index, unsigned cpus)
{
    e->ebx = (e->ebx & 0xffff) | index << 24 | cpus << 16;
    e->ecx = (e->ecx & ~(uint32_t)FEATURE_PDCM) | FEATURE_HYPERVISOR;
    if (cpus > 1)
        e->edx |= FEATURE_HTT;
}

static void clear_leaf(struct kvm_cpuid_entry2 *e)
{
    e->eax = e->ebx = e->ecx = e->edx = 0;
}

/* Leaf 0xb: level 0 is the thread (one), level 1 the core. */
static void set_topology(struct kvm_cpuid_entry2 *e, unsigned index, unsigned cpus)
{
    clear_leaf(e);
    if (e->index == 0) {
        e->ebx = 1;
        e->ecx = 1 << 8;
    } else if (e->index == 1) {
        e->eax = width(cpus);
        e->ebx = cpus;
        e->ecx = 2 << 8 | 1;
    }
    e->edx = index;
}

/* One cache: the last level belongs to all cores, the others to one. */
static void set_cache(struct kvm_cpuid_entry2 *e, unsigned cpus)
{
    uint32_t others = (1u << width(cpus)) - 1, level = e->eax >> CACHE_LEVEL_SHIFT & 7;

    e->eax &= (1u << CACHE_SHARING_SHIFT) - 1;
    if (level >= LAST_CACHE)
        e->eax |= (others & CACHE_SHARING_MASK) << CACHE_SHARING_SHIFT;
    if (e->function == 4 && level != 0)
        e->eax |= others << CACHE_CORES_SHIFT;
}

static void filter_leaf(struct kvm_cpuid_entry2 *e, unsigned index, unsigned cpus)
{
    switch (e->function) {
    case 1:
        set_leaf_1(e, index, cpus);
        break;
    case 4:
    case 0x8000001d:        /* the same of AMD */
        set_cache(e, cpus);
        break;
    case 6:
        clear_leaf(e);
        e->eax = FEATURE_ARAT;
        break;
    case 7:
        if (e->index == 0)
            e->ecx &= ~(uint32_t)FEATURE_WAITPKG;
        break;
    case 0xa:               /* Intel's performance counters */
    case 0x1f:              /* a second topology leaf: 0xb is enough */
    case 0x80000022:        /* AMD's performance counters */
        clear_leaf(e);
        break;
    case 0xb:
        set_topology(e, index, cpus);
        break;
    case 0x80000001:
        e->ecx &= ~(uint32_t)FEATURE_PERFORMANCE;
        if (cpus > 1)
            e->ecx |= FEATURE_CMP_LEGACY;
        break;
    case 0x80000008:
        e->ecx = width(cpus) << 12 | (cpus - 1);
        break;
    case 0x8000001e:        /* AMD's APIC number, core, node */
        e->eax = e->ebx = index;
        e->ecx = 0;
        break;
    default:
        break;
    }
}

static int set_cpuid(struct kvm_vcpu *vcpu, struct kvm *kvm, unsigned cpus)
{
    union kvm_cpuid_room cpuid;
    int r = kvm_supported_cpuid(kvm, &cpuid);
    struct kvm_cpuid2 *table = &cpuid.table;

    if (r < 0)
        return r;
    for (uint32_t i = 0; i < table->nent; i++) {
        filter_leaf(&table->entries[i], vcpu->index, cpus);
        if (table->entries[i].function == 1 && kvm_has(kvm, KVM_CAP_TSC_DEADLINE_TIMER))
            table->entries[i].ecx |= FEATURE_TSC_DEADLINE;     /* the in-kernel local APIC has it */
    }
    return kvm_vcpu_ioctl(vcpu, KVM_SET_CPUID2, "KVM_SET_CPUID2", table);
}

static int set_msrs(struct kvm_vcpu *vcpu)
{
    static const struct kvm_msr_entry initial[] = {
        {.index = MSR_SYSENTER_CS},
        {.index = MSR_SYSENTER_ESP},
        {.index = MSR_SYSENTER_EIP},
        {.index = MSR_TSC},
        {.index = MSR_MISC_ENABLE, .data = MISC_ENABLE_FAST_STRING},
        {.index = MSR_MTRR_DEFAULT, .data = MTRR_ENABLED_WRITE_BACK},
    };
    enum { COUNT = sizeof initial / sizeof initial[0] };
    union {
        struct kvm_msrs msrs;
        char room[sizeof(struct kvm_msrs) + sizeof initial];
    } set;
    int r;

    memset(&set, 0, sizeof set);
    set.msrs.nmsrs = COUNT;
    memcpy(set.room + sizeof(struct kvm_msrs), initial, sizeof initial);
    r = kvm_vcpu_ioctl(vcpu, KVM_SET_MSRS, "KVM_SET_MSRS", &set);
    if (r < 0)
        return r;
    if (r < COUNT)
        log_warn("vmm", "KVM refuses to set MSR 0x%x; the guest starts with KVM's own value",
                 initial[r].index);
    return 0;
}

static int set_local_apic(struct kvm_vcpu *vcpu)
{
    const uint32_t lint0 = APIC_MODE_EXTINT, lint1 = APIC_MODE_NMI;
    struct kvm_lapic_state apic;
    int r = kvm_vcpu_ioctl(vcpu, KVM_GET_LAPIC, "KVM_GET_LAPIC", &apic);

    if (r < 0)
        return r;
    memcpy(apic.regs + APIC_LVT_LINT0, &lint0, sizeof lint0);
    memcpy(apic.regs + APIC_LVT_LINT1, &lint1, sizeof lint1);
    return kvm_vcpu_ioctl(vcpu, KVM_SET_LAPIC, "KVM_SET_LAPIC", &apic);
}

static int set_fpu(struct kvm_vcpu *vcpu)
{
    struct kvm_fpu fpu = {.fcw = 0x37f, .mxcsr = 0x1f80};

    return kvm_vcpu_ioctl(vcpu, KVM_SET_FPU, "KVM_SET_FPU", &fpu);
}

static void set_segments(struct kvm_sregs *s, bool is_64)
{
    struct kvm_segment code = {
        .limit = 0xffffffff, .selector = SELECTOR_CODE, .type = SEGMENT_CODE,
        .present = 1, .s = 1, .g = 1, .db = !is_64, .l = is_64,
    };
    struct kvm_segment data = {
        .limit = 0xffffffff, .selector = SELECTOR_DATA, .type = SEGMENT_DATA,
        .present = 1, .s = 1, .g = 1, .db = 1,
    };
    struct kvm_segment task = {.limit = 0x67, .type = SEGMENT_TSS, .present = 1};

    s->cs = code;
    s->ds = s->es = s->fs = s->gs = s->ss = data;
    s->tr = task;
    s->gdt.base = BOOT_GDT_GPA;
    s->gdt.limit = 3 * 8 - 1;
    s->idt.base = 0;
    s->idt.limit = 0;
}

static int set_registers(struct kvm_vcpu *vcpu, const struct boot_entry *entry)
{
    bool is_64 = entry->mode == BOOT_FLAT_64;
    struct kvm_regs regs = {
        .rip = entry->rip,
        .rflags = RFLAGS_FIXED,
        .rbx = BOOT_START_INFO_GPA,
        .rdi = is_64 ? BOOT_START_INFO_GPA : 0,
        .rsp = entry->mode == BOOT_PVH ? 0 : BOOT_STACK_GPA - 8,    /* as after a call */
    };
    struct kvm_sregs sregs;
    int r = kvm_vcpu_ioctl(vcpu, KVM_GET_SREGS, "KVM_GET_SREGS", &sregs);

    if (r < 0)
        return r;
    set_segments(&sregs, is_64);
    sregs.cr0 = CR0_PE | CR0_ET | (is_64 ? CR0_PG : 0);
    sregs.cr3 = is_64 ? BOOT_PAGE_TABLES_GPA : 0;
    sregs.cr4 = is_64 ? CR4_PAE : 0;
    sregs.efer = is_64 ? EFER_LME | EFER_LMA : 0;
    r = kvm_vcpu_ioctl(vcpu, KVM_SET_SREGS, "KVM_SET_SREGS", &sregs);
    if (r < 0)
        return r;
    return kvm_vcpu_ioctl(vcpu, KVM_SET_REGS, "KVM_SET_REGS", &regs);
}

int vcpu_init_state(struct kvm_vcpu *vcpu, struct kvm *kvm, unsigned cpus,
                    const struct boot_entry *entry)
{
    int r = set_cpuid(vcpu, kvm, cpus);

    if (r == 0)
        r = set_msrs(vcpu);
    if (r == 0)
        r = set_fpu(vcpu);
    if (r == 0)
        r = set_local_apic(vcpu);
    if (r == 0 && vcpu->index == 0)
        r = set_registers(vcpu, entry);
    return r;
}
