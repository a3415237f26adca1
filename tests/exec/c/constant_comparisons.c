/* Static initialisers: comparisons of addresses, elements and members of const objects (GNU); composite array types. */
#include <stdio.h>

static int array[3], other;
static const int numbers[] = {4, 5, 6};
static const struct { short a; struct { long b; const char *c; } in[2]; } nested = {1, {{2, "x"}, {3, "yz"}}};
static const double half = 0.5;
extern int missing __attribute__((weak));

static int never = array == 0, always = &array[1] != (void *)0, there = "text" != 0, far = &other == array;
int main(void);
static _Bool truth = main != 0, above = (char *)&other > (char *)0;
static int element = numbers[2] + numbers[0], inner = nested.in[1].b, letter = "abc"[1];
static const char *text = nested.in[1].c;
static double twice = half * 2;
static int weak_is_asked(void) { return &missing == 0; }

static int composite(int n, int (*fixed)[3], int (*variable)[n])
{
    typedef char is_fixed[sizeof *(n ? variable : fixed) == sizeof(int[3]) ? 1 : -1];
    static is_fixed one;

    return sizeof one + sizeof *(n ? fixed : variable);
}

int main(void)
{
    printf("%d %d %d %d %d %d %d\n", never, always, there, far, truth, above, weak_is_asked());
    printf("%d %d %c %s %g %d\n", element, inner, letter, text, twice, composite(3, &array, &array));
    return 0;
}
