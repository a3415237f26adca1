/* Each name of __builtin_cpu_supports reads a bit of its own: here every bit is alone for once. */
#include <stdio.h>
#include <string.h>

#define NAMES \
    X("cmov") X("mmx") X("popcnt") X("sse") X("sse2") X("sse3") X("ssse3") X("sse4.1") \
    X("sse4.2") X("avx") X("avx2") X("sse4a") X("fma4") X("xop") X("fma") X("avx512f") X("bmi") \
    X("bmi2") X("aes") X("pclmul") X("avx512vl") X("avx512bw") X("avx512dq") X("avx512cd") \
    X("avx512er") X("avx512pf") X("avx512vbmi") X("avx512ifma") X("avx5124vnniw") \
    X("avx5124fmaps") X("avx512vpopcntdq") X("avx512vbmi2") X("gfni") X("vpclmulqdq") \
    X("avx512vnni") X("avx512bitalg") X("avx512bf16") X("avx512vp2intersect") X("3dnow") \
    X("3dnowp") X("adx") X("abm") X("cldemote") X("clflushopt") X("clwb") X("clzero") \
    X("cmpxchg16b") X("cmpxchg8b") X("enqcmd") X("f16c") X("fsgsbase") X("fxsave") X("hle") \
    X("ibt") X("lahf_lm") X("lm") X("lwp") X("lzcnt") X("movbe") X("movdir64b") X("movdiri") \
    X("mwaitx") X("osxsave") X("pconfig") X("pku") X("prefetchwt1") X("prfchw") X("ptwrite") \
    X("rdpid") X("rdrnd") X("rdseed") X("rtm") X("serialize") X("sgx") X("sha") X("shstk") \
    X("tbm") X("tsxldtrk") X("vaes") X("waitpkg") X("wbnoinvd") X("xsave") X("xsavec") \
    X("xsaveopt") X("xsaves") X("amx-tile") X("amx-int8") X("amx-bf16") X("uintr") X("hreset") \
    X("kl") X("aeskle") X("widekl") X("avxvnni") X("avx512fp16") X("x86-64") X("x86-64-v2") \
    X("x86-64-v3") X("x86-64-v4")

extern struct {
    unsigned vendor, type, subtype, features;
} __cpu_model;
extern unsigned __cpu_features2[3];

int main(void)
{
    __builtin_cpu_init();
    for (int bit = 0; bit < 128; bit++) {
        memset(__cpu_features2, 0, sizeof __cpu_features2);
        __cpu_model.features = 0;
        *(bit < 32 ? &__cpu_model.features : &__cpu_features2[bit / 32 - 1]) = 1u << bit % 32;
        asm volatile("" ::: "memory");
        printf("%d:", bit);
#define X(name) \
    if (__builtin_cpu_supports(name)) \
        printf(" %s", name);
        NAMES
        puts("");
    }
    return 0;
}
