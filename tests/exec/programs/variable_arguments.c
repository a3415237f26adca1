/* Variable arguments: ints, doubles, structs of every class, va_copy, overflow areas, va_list
 * parameters. */
#include <stdio.h>
#include <stdarg.h>

struct i2 {
    int a, b;
};

struct f2 {
    float x, y;
};

struct d2 {
    double x, y;
};

struct id {
    long i;
    double d;
};

struct big {
    long a[3];
};

struct c3 {
    char c[3];
};

static long isum(int n, ...)
{
    va_list ap;
    va_start(ap, n);
    long r = 0;
    while (n--)
        r += va_arg(ap, int);
    va_end(ap);
    return r;
}

static double dsum(int n, ...)
{
    va_list ap, aq;
    va_start(ap, n);
    va_copy(aq, ap);
    double r = 0;
    for (int i = 0; i < n; i++)
        r += va_arg(ap, double);
    for (int i = 0; i < n; i++)
        r += va_arg(aq, double) * 100;
    va_end(ap);
    va_end(aq);
    return r;
}

static void vp(const char *f, va_list ap)
{
    for (; *f; f++)
        switch (*f) {
        case 'i':
            printf("%d ", va_arg(ap, int));
            break;
        case 'l':
            printf("%ld ", va_arg(ap, long));
            break;
        case 'd':
            printf("%g ", va_arg(ap, double));
            break;
        case 'L':
            printf("%Lg ", va_arg(ap, long double));
            break;
        case 's':
            printf("%s ", va_arg(ap, char *));
            break;
        case 'a': {
            struct i2 v = va_arg(ap, struct i2);
            printf("{%d %d} ", v.a, v.b);
            break;
        }
        case 'f': {
            struct f2 v = va_arg(ap, struct f2);
            printf("{%g %g} ", v.x, v.y);
            break;
        }
        case 'D': {
            struct d2 v = va_arg(ap, struct d2);
            printf("{%g %g} ", v.x, v.y);
            break;
        }
        case 'm': {
            struct id v = va_arg(ap, struct id);
            printf("{%ld %g} ", v.i, v.d);
            break;
        }
        case 'b':
            printf("{%ld} ", va_arg(ap, struct big).a[2]);
            break;
        case 'c': {
            struct c3 v = va_arg(ap, struct c3);
            printf("%.3s ", v.c);
            break;
        }
        case 'q': {
            __int128 v = va_arg(ap, __int128);
            printf("%llx ", (long long)(v >> 64));
            break;
        }
        }
    printf("\n");
}

static void p(const char *f, ...)
{
    va_list ap;
    va_start(ap, f);
    vp(f, ap);
    va_end(ap);
}

static int sn(char *b, size_t n, const char *f, ...)
{
    va_list ap;
    va_start(ap, f);
    int r = vsnprintf(b, n, f, ap);
    va_end(ap);
    return r;
}

int main(void)
{
    printf("%ld %g\n", isum(12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
           dsum(10, 1., 2., 3., 4., 5., 6., 7., 8., 9., 10.));
    struct i2 a = { 1, 2 };
    struct f2 f = { 3, 4 };
    struct d2 D = { 5, 6 };
    struct id m = { 7, 8 };
    struct big b = { { 9, 10, 11 } };
    struct c3 c = { "xyz" };
    p("iafDmbcLsd", 1, a, f, D, m, b, c, 2.5L, "str", 3.5);
    p("fffffDDDffd", f, f, f, f, f, D, D, D, f, f, 1.5);
    p("aaaaamaml", a, a, a, a, a, m, a, m, 99L);
    p("mmmmmmmmmm", m, m, m, m, m, m, m, m, m, m);
    p("iiiiibqqi", 1, 2, 3, 4, 5, b, (__int128)5 << 64, (__int128)6 << 64, 7);
    char buf[40];
    int n = sn(buf, sizeof buf, "%d-%s-%.2f", 42, "z", 1.005f);
    printf("%d %s\n", n, buf);
    char ch = 'c';
    short sh = -3;
    float fl = 1.25f;
    printf("%c %d %g %hhd\n", ch, sh, fl, (char)300);
    return 0;
}
