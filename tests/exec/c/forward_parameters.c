/* GNU: parameters declared forward, an old-style definition behind a prototype of its own types. */
#include <stdio.h>

static int sum(int n; int m; int a[n][m], int n, int m);

static int sum(int n; int m; int a[n][m], int n, int m)
{
    int total = 0;

    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            total = total * 3 + a[i][j];
        }
    }
    return total * 100 + sizeof a[0];
}

static int narrow(char, short, short *);

static int narrow(c, f, s)
    char c;
    short f;
    short *s;
{
    return c * 10 + f + *s;
}

int main(void)
{
    int a[2][3] = {{1, 2, 3}, {4, 5, 6}};
    int (*pointer)(int n; int (*)[n], int n) = 0;
    short s = 7;

    printf("%d %d %d\n", sum(a, 2, 3), pointer == 0, narrow(300, 70000, &s));
    return 0;
}
