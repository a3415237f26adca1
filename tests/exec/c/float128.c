/* GNU: __float128 and _Float128. */
#include <stdio.h>
__float128 q = 1.5Q; _Float128 r = 2.5F128;
int main(void){ q *= r; printf("%g %zu\n", (double)q, sizeof q); return 0; }
