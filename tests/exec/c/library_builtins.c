/* GNU: library functions under their builtin names, called without a header, by pointer and through `*`. */
#include <stdio.h>

static int number = 5;
static unsigned long bits = 240;
static double half = 2.5;

static void strings(void)
{
    int (*magnitude)(int) = __builtin_abs;
    char text[8];
    int got = 0;
    printf("%d %d %d\n", (*__builtin_popcount)(bits), (**__builtin_ctzl)(bits), magnitude(-3));
    printf("%d %d %zu\n", __builtin_isascii(200), __builtin_toascii(200), __builtin_strnlen("hello", 3));
    printf("%d %u\n", __builtin_iswalpha('a') != 0, __builtin_towupper('x'));
    printf("%d %s\n", __builtin_sscanf("12 a", "%d %7s", &got, text), text);
}

static void floats(void)
{
    int quotient = 0, sign = 0;
    double s, c, rest = __builtin_remquo(7.5, 2.0, &quotient), gamma = __builtin_lgamma_r(number, &sign);
    __builtin_sincos(1.0, &s, &c);
    printf("%g %d %g %g %g %d\n", rest, quotient, s, c, gamma, sign);
    printf("%g %g %g\n", __builtin_roundeven(half), __builtin_nexttowardf(1, 2.0L) - 1, __builtin_exp10(number - 3));
    printf("%g %g %d\n", __builtin_j0(number), __builtin_jn(2, number), __builtin_fegetround());
    printf("%g %g\n", (double)__builtin_ceilf128(number + 0.5f128), (double)__builtin_fmaf128(half, half, half));
    printf("%d %ld %lld %d\n", __builtin_iceil(half), __builtin_lfloorf(-half), __builtin_llceill(half), __builtin_irint(half));
    printf("%d %ld\n", __builtin_iroundf(half), __builtin_lceil(-half));
}

static int sum(int count, ...)
{
    int total = 0;
    __builtin_va_list list;
    __builtin_va_start(list, count);
    while (count--) {
        total += __builtin_va_arg(list, int);
    }
    __builtin_va_end(list);
    return total;
}

__attribute__((cold, noreturn)) void leave(void);
void plain(void);

static void others(void)
{
    char *room = __builtin_alloca_with_align_and_max(number, 256, 64);
    printf("%d %d\n", (int)((unsigned long)room % 32), sum(3, 1, 2, __builtin_speculation_safe_value(number)));
    printf("%d\n", (int)((char *)__builtin_dwarf_cfa() - (char *)__builtin_frame_address(0)));
    printf("%d %d\n", __builtin_eh_return_data_regno(0), __builtin_eh_return_data_regno(2));
    printf("%d %d", __builtin_has_attribute(leave, cold), __builtin_has_attribute(leave, noreturn));
    printf("%d %g\n", __builtin_has_attribute(plain, __cold__), __builtin_assoc_barrier(half + 1));
}

int main(void)
{
    others();
    strings();
    floats();
    printf("%d\n", __builtin_thread_pointer() == __builtin_thread_pointer());
    return 0;
}
