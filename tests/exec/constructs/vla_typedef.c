/* A typedef of variable length is evaluated where it stands, before suspensions; objects and sizes of it follow. */
#include "construct.h"

static void coroutine_fn fill(int n, int (*rows)[n], int count)
{
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < n; j++) {
            rows[i][j] = i * 10 + (int)get(j);
        }
    }
}

static void coroutine_fn test(void)
{
    for (int n = 2; n < 5; n++) {
        int size = n;
        typedef int row[size + (int)get(1)];

        size = 50; /* too late */
        may_wait();
        row one;
        row many[2];
        row *pointer = many;

        say("size", (long)(sizeof(row) / sizeof(int)));
        for (int i = 0; i <= n; i++) {
            one[i] = (int)get(i * i);
        }
        fill(n + 1, many, 2);
        may_wait();
        say("one", one[n] + one[1]);
        say("many", pointer[1][n] * 100 + many[0][1]);
        say("distance", (char *)&many[1] - (char *)many == (long)sizeof(row));
    }
}
