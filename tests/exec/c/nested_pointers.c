/* GNU: pointers to nested functions: as arguments, from a sibling and from deeper down, and called through; a jump out of one. */
#include <stdio.h>
#include <stdlib.h>

static int twice(int (*f)(int), int n)
{
    return f(n) + f(n + 1);
}

static int counted(int n)
{
    int calls = 0;
    int add(int x)
    {
        calls++;
        return x + n;
    }
    int first = twice(add, 10);

    n = 50;
    return first * 1000 + twice(add, 1) * 10 + calls;
}

static int deep(int a)
{
    int one(int c)
    {
        int two(int e)
        {
            return e > 3 ? a + c * 10 + e * 100 : twice(two, e + 2);
        }
        int self(int n)
        {
            return n == 0 ? 0 : 1 + (n & 1 ? self : one)(0);
        }
        return c == 0 ? 40 : twice(two, 0) + self(3);
    }
    return twice(one, 5);
}

static int least(int *data, int n, int sign)
{
    int compare(const void *a, const void *b)
    {
        return sign * (*(const int *)a - *(const int *)b);
    }
    qsort(data, n, sizeof *data, compare);
    return data[0];
}

static int choose(int r)
{
    void bump(int by)
    {
        r += by;
    }
    void drop(int by)
    {
        r -= by;
    }
    void (*table[])(int) = { bump, drop, bump };

    for (int i = 0; i < 3; i++) {
        table[i](i + 1);
        (*table[i])(10);
    }
    (r > 3 ? bump : drop)(2);
    return r + (table[0] == bump) * 1000 + (table[0] == table[1]);
}

static void each(const int *v, int n, void (*visit)(int))
{
    for (int i = 0; i < n; i++) {
        visit(v[i]);
    }
}

/* Out of a callback, past a function that knows nothing of it. */
static int find(const int *v, int n, int wanted)
{
    __label__ found;
    int at = 0, seen = 0;
    void check(int x)
    {
        seen += x;
        if (x == wanted) {
            goto found;
        }
        at++;
    }

    each(v, n, check);
    return -1 - seen;
found:
    return at * 1000 + seen;
}

int main(void)
{
    int data[] = { 3, 9, 1, 7 };
    const int v[] = { 4, 8, 15, 16, 23, 42 };

    printf("%d %d\n", counted(5), deep(1));
    printf("%d %d\n", least(data, 4, 1), least(data, 4, -1));
    printf("%d %d\n", choose(5), choose(-20));
    printf("%d %d %d\n", find(v, 6, 16), find(v, 6, 4), find(v, 6, 5));
    return 0;
}
