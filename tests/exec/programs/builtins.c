/* Builtins: bits, overflow, floating classification, offsetof, choose_expr, object sizes, memory
 * functions. */
#include <stdio.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <limits.h>
static volatile unsigned u = 0x00f01000;
static volatile unsigned long ul = 0x100000000ul;
static volatile int i = -5;
static volatile double d = 2.5;
static int ct = __builtin_clz(0x100) + __builtin_popcount(0xff) * 100 + __builtin_ctzl(8) * 10000;
static double inf = __builtin_inf(), hv = -__builtin_huge_val();

struct s {
    int a;

    struct {
        char b[5];
        short c;
    } in[3];
};

#define same(x, t) __builtin_types_compatible_p(__typeof__(x), t)

static const char *kind(int c)
{
    if (__builtin_expect(c == 7, 1))
        return "seven";
    if (__builtin_expect(!!(c > 7), 0))
        return "more";
    return "less";
}

static int un(int c)
{
    switch (c) {
    case 1:
        return 10;
    case 2:
        return 20;
    }
    __builtin_unreachable();
}

int main(void)
{
    printf("%d %d %d %d %d\n", __builtin_clz(u), __builtin_ctz(u), __builtin_popcount(u),
           __builtin_ffs(u), __builtin_parity(u));
    printf("%d %d %d %d\n", __builtin_clzl(ul), __builtin_ctzll(ul), __builtin_popcountl(ul),
           __builtin_ffsl(0));
    printf("%d %d\n", __builtin_clrsb(i), ct);
    printf("%x %x %lx\n", __builtin_bswap16(0x1234), __builtin_bswap32(u),
           (unsigned long)__builtin_bswap64(ul));
    int r;
    long l;
    unsigned char c;
    unsigned long q;
    printf("%d ", __builtin_add_overflow(INT_MAX, 1, &r));
    printf("%d ", r);
    printf("%d ", __builtin_sub_overflow(3u, 5, &l));
    printf("%ld ", l);
    printf("%d ", __builtin_mul_overflow(i, i * 20, &c));
    printf("%d ", c);
    printf("%d ", __builtin_mul_overflow(ul, ul, &q));
    printf("%lu ", q);
    printf("%d ", __builtin_add_overflow(-1L, 1ul, &q));
    printf("%lu ", q);
    printf("%d ", __builtin_sadd_overflow(INT_MIN, -1, &r));
    printf("%d ", __builtin_umull_overflow(3, 4, &q));
    printf("%lu\n", q);
    printf("%d %d\n", __builtin_add_overflow_p(INT_MAX, 1, (long)0),
           __builtin_add_overflow_p(INT_MAX, 1, 0));
    printf("%d %d %d\n", __builtin_constant_p(3 + 4), __builtin_constant_p(i),
           __builtin_constant_p("abc"));
    printf("%d %d %d\n", same(i, int), same(&i, volatile int *), same(d, float));
    printf("%d\n", (int)sizeof(__builtin_choose_expr(1, (char)1, 2.0)));
    printf("%zu %zu %zu\n", offsetof(struct s, in[2].c), __builtin_offsetof(struct s, in),
           offsetof(struct s, in[i + 6].b[2]));
    printf("%g %g %d %d %d\n", inf, hv, __builtin_isnan(d), __builtin_isinf_sign(hv),
           __builtin_signbit(-d) != 0);
    printf("%d %d %d\n", __builtin_isgreater(d, 1.0f), __builtin_isunordered(d, __builtin_nan("")),
           __builtin_fpclassify(0, 1, 2, 3, 4, d));
    printf("%s %s %s %d\n", kind(7), kind(8), kind(1), un(2));
    char buf[20], *m = __builtin_memcpy(buf, "hello world", 12);
    printf("%s %d ", m, (int)__builtin_strlen("four"));
    __builtin_memset(buf, 'x', 3);
    printf("%s\n", buf);
    printf("%d %d\n", __builtin_strcmp(buf, "xxxlo") > 0, __builtin_memcmp("ab", "ac", 2) < 0);
    char *al = __builtin_alloca(u & 16 ? 10 : 40);
    strcpy(al, "alloca");
    printf("%s\n", al);
    printf("%g %g %d %ld\n", __builtin_fabs(-d), __builtin_copysign(d, -1), __builtin_abs(i),
           __builtin_labs(-7L));
    printf("%d\n", __builtin_classify_type(d) * 100 + __builtin_classify_type(&d) * 10 +
                       __builtin_classify_type(i));
    int *p = __builtin_assume_aligned(&r, 4);
    *p = 4;
    printf("%d\n", r);
    __builtin_prefetch(buf);
    __builtin_prefetch(&u, 1, 2);
    if (__builtin_frame_address(0) == 0)
        abort();
    return 0;
}
