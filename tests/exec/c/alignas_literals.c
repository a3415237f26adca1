/* C11 DR 444: _Alignas in compound literals; constant shifts by too much; asm operands of variable length. */
#include <stdint.h>
#include <stdio.h>

struct s { char c; };
static int zero = 0 << 1000, gone = 1 << 40, sign = -1 >> 100;
static unsigned none = -1u >> 33;
static char *at_file_scope = &(_Alignas(64) char){7};

int main(void)
{
    int n = 3, array[n];

    array[0] = 4;
    asm volatile("" : "+m"(array));

    char *p = &(_Alignas(64) char){5};
    struct s *q = &(_Alignas(32) struct s){'x'};

    printf("%d %d %d %u %d\n", zero, gone, sign, none, array[0]);
    printf("%d %d %d %d %c %d\n", (int)((uintptr_t)p & 63), (int)((uintptr_t)q & 31),
           (int)((uintptr_t)at_file_scope & 63), *p, q->c, *at_file_scope);
    return 0;
}
