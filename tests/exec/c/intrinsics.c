/* The intrinsics of x86's vector units, by their headers: attribute and pragma target, and what the processor has. */
#include <immintrin.h>
#include <stdio.h>

static int find(const char *p, char c)
{
    __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8(c));
    return _mm_movemask_epi8(same);
}

static void doubles(void)
{
    double out[2];
    __m128d x = _mm_sqrt_pd(_mm_set_pd(16, 2.25));
    x = _mm_shuffle_pd(x, _mm_add_sd(x, x), 1);
    x = _mm_cmplt_sd(x, _mm_set1_pd(-1)), x = _mm_or_pd(x, _mm_set1_pd(0.5));
    _mm_storeu_pd(out, x);
    printf("%g %g %d %d\n", out[0], out[1], _mm_comigt_sd(x, x), _mm_cvtsd_si32(_mm_set_sd(2.5)));
}

static void integers(void)
{
    int out[4];
    __m128i x = _mm_setr_epi32(1, 70000, -5, 1 << 30);
    x = _mm_unpackhi_epi16(_mm_packs_epi32(x, x), _mm_slli_epi32(x, 3));
    x = _mm_add_epi32(_mm_slli_si128(x, 3), _mm_shuffle_epi32(x, _MM_SHUFFLE(0, 3, 1, 2)));
    x = _mm_xor_si128(x, _mm_madd_epi16(x, _mm_shufflelo_epi16(x, 0x1b)));
    _mm_storeu_si128((__m128i *)out, _mm_insert_epi16(x, 7, 2));
    printf("%x %x %x %x %x\n", out[0], out[1], out[2], out[3], _mm_extract_epi16(x, 5));
}

static unsigned control(void)
{
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8000);                        /* denormals are zero */
    unsigned between = _mm_getcsr();
    _mm_setcsr(before);
    return between & 0x8000;
}

__attribute__((target("sse4.2"))) static unsigned crc(const char *s)
{
    unsigned sum = ~0u;
    while (*s) {
        sum = _mm_crc32_u8(sum, *s++);
    }
    return ~sum;
}

__attribute__((target("avx2"))) static int sum(const int *p, int n)
{
    __m256i s = _mm256_setzero_si256();
    for (int i = 0; i < n; i += 8) {
        s = _mm256_add_epi32(s, _mm256_loadu_si256((const __m256i *)(p + i)));
    }
    __m128i x = _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
    x = _mm_add_epi32(x, _mm_shuffle_epi32(x, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(x, _mm_shuffle_epi32(x, 0xb1)));
}

#pragma GCC push_options
#pragma GCC target("fma,avx2")
static __attribute__((noinline)) __m256d fused(__m256d a, __m256d b) { return _mm256_fmadd_pd(a, b, a); }
static double fused_sum(void)
{
    double d[4];
    _mm256_storeu_pd(d, fused(_mm256_set1_pd(2), _mm256_setr_pd(1, 2, 3, 4)));
    return d[0] + d[1] * 10 + d[2] * 100 + d[3] * 1000;
}
#pragma GCC pop_options

int main(void)
{
    int v[64];
    for (int i = 0; i < 64; i++) {
        v[i] = i * i;
    }
    __builtin_cpu_init();
    int known = __builtin_cpu_is("intel") + __builtin_cpu_is("amd") * 2 + __builtin_cpu_is("haswell") * 4;
    printf("%x\n", known + __builtin_cpu_is("core2") * 8 + __builtin_cpu_is("znver2") * 16);
    printf("%x\n", find("hello world, go", 'o'));
    doubles();
    integers();
    printf("%x\n", control());
    printf("%08x\n", __builtin_cpu_supports("sse4.2") ? crc("123456789") : 0xe3069283);
    printf("%d\n", __builtin_cpu_supports("avx2") ? sum(v, 64) : 85344);
    printf("%g\n", __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2") ? fused_sum() : 10864.0);
}
