/* Several variable dimensions, sizeof of them, and pointers to rows. */
#include "construct.h"

static long coroutine_fn table(int rows, int columns)
{
    short a[rows][columns];
    short (*row)[columns] = a;
    long sum = 0;

    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
            a[i][j] = (short)get(10 * i + j);
        }
    }
    rows++, columns++; /* the sizes stay */
    may_wait();
    sum = sizeof a + sizeof *row + sizeof a[0][0];
    row++;
    return sum * 1000 + (*row)[1] + a[1][2];
}

static void coroutine_fn test(void)
{
    say("3 x 4", table(3, 4));
    say("5 x 3", table(5, 3));
}
