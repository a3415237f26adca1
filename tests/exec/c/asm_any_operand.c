/* asm with operands that may be anything ("g", "X"), as outputs too. */
#include <stdio.h>

int main(void)
{
    int x = 3, z;
    const char *s = "text";
    double d = 1.5;
    __asm__ volatile("" : "+g"(x));
    __asm__ volatile("" : "+g"(s) : : "memory");
    __asm__("" : "=g"(z) : "0"(x + 4));
    __asm__ volatile("" : : "g"(x), "g"(5), "X"(d), "g"(&z));
    printf("%d %d %s %g\n", x, z, s, d);
    return 0;
}
