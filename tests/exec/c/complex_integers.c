/* Quotients of complex integers are gcc's: Smith's method, each quotient truncated. */
#include <stdio.h>

#define QUOTIENTS(type, format) do { \
    volatile _Complex type a, b, r; \
    for (int i = -7; i < 8; i += 3) for (int j = -5; j < 6; j += 5) for (int k = -4; k < 5; k += 4) \
        for (int l = -3; l < 4; l += 2) { \
            __real__ a = i * 13; __imag__ a = j * 7; __real__ b = k; __imag__ b = l; \
            r = a / b; \
            printf(format " " format, __real__ r, __imag__ r); \
            r = 100 / b; \
            printf(" " format " " format "\n", __real__ r, __imag__ r); \
        } } while (0)

static _Complex int folded = (3 + 4i) * (3 + 4i) / (2 + 1i), turned = (5 + 60i) / (1 + 7i);

int main(void)
{
    _Complex int here = (1 + 9i) / (4 + 5i);
    QUOTIENTS(int, "%d"); QUOTIENTS(long, "%ld"); QUOTIENTS(unsigned, "%u"); QUOTIENTS(short, "%d");
    printf("%d %d %d %d\n", __real__ folded, __imag__ folded, __real__ turned, __imag__ turned);
    printf("%d %d\n", __real__ here, __imag__ here);
    return 0;
}
