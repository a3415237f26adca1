/* What the types of aarch64 are: char, wchar_t, long double, va_list, unnamed bit-fields, vectors. */
#include <float.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

typedef int wide __attribute__((vector_size(32)));
struct unnamed { char a; int : 3; };
struct zero { char a; long : 0; char b; };
struct named { char a; int b : 3; };

static int count(va_list list, int n)
{
    int total = 0;
    while (n--) {
        total += va_arg(list, int);
    }
    return total;
}

static int twice(int n, ...)
{
    va_list list, copy;
    va_start(list, n);
    va_copy(copy, list);
    int total = count(list, n) + count(copy, n);
    va_end(copy);
    va_end(list);
    return total;
}

int main(void)
{
    char c = -1;
    wchar_t w = -1;
    long double third = 1.0L / 3;
    volatile long double v = third;

    printf("%d %d %d %d\n", c, CHAR_MIN, '\xff', w > 0);
    printf("%d %.36Lg %d\n", LDBL_MANT_DIG, v * 3 + v, (int)sizeof v);
    printf("%zu %zu\n", sizeof(va_list), _Alignof(va_list));
    printf("%zu %zu %zu\n", sizeof(struct unnamed), sizeof(struct zero), sizeof(struct named));
    printf("%zu %zu\n", sizeof(wide), _Alignof(wide));
    printf("%d\n", twice(12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    return 0;
}
