/* GNU: nested functions that are called by name: captured variables of all kinds, levels, recursion, blocks. */
#include <stdarg.h>
#include <stdio.h>

struct big {
    long v[5];
};

static int levels(int a)
{
    int b = a * 2;
    int one(int c)
    {
        int d = c + b;
        int two(int e)
        {
            int three(int f)
            {
                d += f;
                return a + b * 10 + c * 100 + d * 1000 + e * 10000 + f * 100000;
            }
            b++;
            return three(e + 1) + three(0);
        }
        return two(4) + d;
    }
    return one(3) + b;
}

static long records(struct big s, int k)
{
    struct big changed(int at)
    {
        struct big r = s;

        r.v[at] = k;
        s.v[0]++;
        return r;
    }
    double sum(double x, struct big q, int n, ...)
    {
        va_list list;

        va_start(list, n);
        while (n-- > 0) {
            x += va_arg(list, int) + q.v[1];
        }
        va_end(list);
        return x + s.v[0];
    }
    struct big t = changed(3);

    return t.v[3] + t.v[4] + (long)sum(1.5, t, 3, 10, 20, 30);
}

static int recursive(int n)
{
    auto int odd(int);
    int even(int i) { return i == 0 ? 1 : odd(i - 1); }
    int odd(int i) { return i == 0 ? 0 : even(i - 1); }
    int factorial(i) int i; { static int depth; return ++depth && i < 2 ? n : i * factorial(i - 1); }

    return even(10) * 10 + odd(7) + 100 * factorial(5);
}

static int arrays(int n)
{
    int v[n], m[n][n + 1];
    int sum(void)
    {
        int s = 0;

        for (int i = 0; i < n; i++) {
            s += v[i] + m[i][i];
        }
        return s + (int)sizeof v + (int)sizeof m[0];
    }
    void fill(int (*p)[n + 1], int own[n])
    {
        for (int i = 0; i < n; i++) {
            own[i] = i;
            p[i][i] = 10 * i;
        }
    }

    fill(m, v);
    return sum();
}

static int blocks(void)
{
    int r = 0;

    for (int i = 0; i < 3; i++) {
        int x = i * 10;
        int f(void) { return x + i; }

        r += f();
        {
            int f(int q) { return q * 2 + x; }
            r += f(1);
        }
    }
    void cleaned(int *p) { r += *p; }
    {
        int c __attribute__((cleanup(cleaned))) = 1000;
        c += 5;
    }
    r += ({ int abs(int q) { return q + r; } abs(-1); });
    return r + (int)sizeof(cleaned(&r), 1);
}

static void jumps(int k)
{
    void count(int n)
    {
        __label__ out;

        for (;;) {
            if (n-- == 0) {
                goto out;
            }
        }
    out:
        printf("out %d %d\n", k, n);
    }
    void *by_value(int n)
    {
        void *places[] = { &&even, &&odd };

        goto *places[n & 1];
    even:
        return &k;
    odd:
        return 0;
    }
    count(k);
    printf("%d %d\n", by_value(2) == &k, by_value(3) == 0);
}

int main(void)
{
    printf("%d %d\n", levels(1), levels(7));
    printf("%ld\n", records((struct big){ { 1, 2, 3, 4, 5 } }, 70));
    printf("%d %d %d\n", recursive(1), arrays(3), blocks());
    jumps(3);
    return 0;
}
