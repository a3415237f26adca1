/* asm with operands that may be anything ("g", "X"), or an address ("p"), as outputs too. */
#include <stdio.h>

int main(void)
{
    int x = 3, z;
    const char *s = "text";
    double d = 1.5;
    __asm__ volatile("" : "+g"(x));
    __asm__ volatile("" : "+g"(s) : : "memory");
    __asm__("" : "=g"(z) : "0m"(x + 4));
    int w;
    __asm__("" : "=r"(w) : "0"(x * 5), "0r"(z));
    __asm__ volatile("" : : "g"(x), "g"(5), "X"(d), "g"(&z));
    __asm__("" : "=&p"(s) : "0"(s));
    printf("%d %d %d %s %g\n", x, z, w, s, d);
    return 0;
}
