/* A bit-field lends its width to the builtins that only ask for overflow (gcc manual 6.56). */
#include <stdio.h>

static struct {
    signed s3 : 3;
    unsigned u4 : 4;
    unsigned long long u40 : 40;
} lender;

int main(void)
{
    volatile int n = 7;

    for (int i = 0; i < n; i++) {
        printf("%d%d%d%d%d ", __builtin_add_overflow_p(i, 1, lender.s3), __builtin_sub_overflow_p(-i, 1, lender.s3),
               __builtin_mul_overflow_p(i, 3L, lender.u4), __builtin_sub_overflow_p(3, i, lender.u4),
               __builtin_mul_overflow_p(1L << (6 * i), 1 << i, lender.u40));
    }
    printf("%d %d\n", __builtin_add_overflow_p(3, 1, lender.s3), __builtin_add_overflow_p(2, 1, lender.s3));
    return 0;
}
