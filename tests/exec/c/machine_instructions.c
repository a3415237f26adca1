/* Intrinsics of x86 beside the vector units: clocks, flags, rotations, the state that the system saves. */
#include <x86intrin.h>
#include <stdio.h>

__attribute__((target("xsave"))) static int vectors(void) { return (int)_xgetbv(0) & 3; }

int main(void)
{
    unsigned processor = -1u;
    unsigned long long before = __rdtscp(&processor), after = __rdtscp(&processor), flags = __readeflags();
    __writeeflags(flags);
    printf("%d %d %d\n", after > before, processor != -1u, (flags & 2) != 0);
    printf("%d %d %x %x %x %x\n", __bsrd(40), __bsrq(1ull << 40), __rolb(0x81, 1), __rorb(0x81, 1), __rolw(0x8001, 4), __rorw(0x8001, 1));
    printf("%d %d %d %d %d\n", vectors(), __builtin_cpu_supports("xsave") != 0, __builtin_cpu_supports("x86-64-v2") != 0,
           __builtin_cpu_supports("cmpxchg16b") != 0, __builtin_cpu_supports("avx512vbmi2") >= 0);
    return 0;
}
