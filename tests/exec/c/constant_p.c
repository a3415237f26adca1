/* __builtin_constant_p sees through inlining where the optimiser runs, and never evaluates its operand. */
#include <stdio.h>

extern int undefined_function(int);
static inline int square(int x)
{
    if (__builtin_constant_p(x + 1))
        return x * x;
    return x * x;
}
static int at_file_scope = __builtin_constant_p(square) + 2 * __builtin_constant_p(5);
int n = 4, calls;
volatile int v = 3;
static int count(void) { return ++calls; }
char *text(int known) { return known ? "known" : "unknown"; }

int main(int argc, char **argv)
{
    int a = __builtin_constant_p(count()), c = __builtin_constant_p(n++), d = __builtin_constant_p(v);
    int big[__builtin_constant_p(argc) ? 1 : 2];
    printf("%d %d %d %d %d %d %d\n", a, c, d, n, calls, at_file_scope, (int)sizeof big);
    printf("%d %s\n", square(n), text(__builtin_constant_p(argc)));
    printf("%d %d\n", __builtin_constant_p(argv), __builtin_constant_p(&n));
    return 0;
}
