/* A `!` inside the operand of another, dozens deep: the type of each operand is asked for, and the work must not double. */
#include <stdio.h>

#define FOUR(x) !(1 - !(n + !(m - !(x))))
#define SIXTEEN(x) FOUR(FOUR(FOUR(FOUR(x))))

int main(void)
{
    for (int n = -1; n < 2; n++) {
        for (int m = -1; m < 2; m++) {
            printf("%d\n", FOUR(FOUR(FOUR(FOUR(SIXTEEN(SIXTEEN(m)))))));
        }
    }
    return 0;
}
