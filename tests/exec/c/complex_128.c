/* Complex numbers of two _Float128: products and quotients are libgcc's, returned in memory. */
#include <stdio.h>
#include <math.h>

typedef _Complex _Float128 quad;

static void show(quad z) { printf("%.17g %.17g\n", (double)__real__ z, (double)__imag__ z); }
static quad product(quad a, quad b) { return a * b; }
static quad folded = (1 + 2.i) * (3 + 1.i) / (1 + 1.i);

int main(void)
{
    volatile quad a, b;
    __real__ a = 1.5; __imag__ a = -2; __real__ b = 3; __imag__ b = 4;
    show(a * b); show(a / b); show(product(a, b)); show(2 / b); show(folded);
    a *= b; show(a);
    a /= 2; show(a);
    __real__ a = INFINITY;
    printf("%d\n", isinf((double)__real__(a * b)) && isinf((double)__real__(a / b)));
    return 0;
}
