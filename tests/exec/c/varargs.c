/* 7.16: variable arguments of every class, many of them, va_copy, va_list passed on and stored; structs in va_arg. */
#include <complex.h>
#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

struct c1 { char c; }; struct c3 { char c[3]; }; struct i2 { int a, b; }; struct f2 { float a, b; }; struct d2 { double a, b; };
struct mixed { double d; int i; }; struct mixed2 { int i; float f, g; }; struct big { int v[10]; }; struct ld { long double v; };
struct l3 { long a, b, c; }; struct f3 { float a, b, c; }; union u { int i; double d; }; struct empty {}; struct al { _Alignas(16) int v; };

static void all(const char *format, ...)
{
    va_list ap, second;
    va_start(ap, format);
    va_copy(second, ap);
    for (const char *f = format; *f; f++)
        switch (*f) {
        case 'i': printf("%d ", va_arg(ap, int)); break;
        case 'l': printf("%ld ", va_arg(ap, long)); break;
        case 'd': printf("%g ", va_arg(ap, double)); break;
        case 'L': printf("%Lg ", va_arg(ap, long double)); break;
        case 's': printf("%s ", va_arg(ap, char *)); break;
        case 'q': { __int128 v = va_arg(ap, __int128); printf("%lx:%lx ", (long)(v >> 64), (long)v); break; }
        case '1': printf("%c ", va_arg(ap, struct c1).c); break;
        case '3': printf("%.3s ", va_arg(ap, struct c3).c); break;
        case 'I': { struct i2 v = va_arg(ap, struct i2); printf("%d,%d ", v.a, v.b); break; }
        case 'F': { struct f2 v = va_arg(ap, struct f2); printf("%g,%g ", v.a, v.b); break; }
        case 'D': { struct d2 v = va_arg(ap, struct d2); printf("%g,%g ", v.a, v.b); break; }
        case 'm': { struct mixed v = va_arg(ap, struct mixed); printf("%g,%d ", v.d, v.i); break; }
        case 'M': { struct mixed2 v = va_arg(ap, struct mixed2); printf("%d,%g,%g ", v.i, v.f, v.g); break; }
        case 'B': { struct big v = va_arg(ap, struct big); printf("%d,%d ", v.v[0], v.v[9]); break; }
        case 'x': { struct ld v = va_arg(ap, struct ld); printf("%Lg ", v.v); break; }
        case 'y': { struct l3 v = va_arg(ap, struct l3); printf("%ld,%ld ", v.a, v.c); break; }
        case 'z': { struct f3 v = va_arg(ap, struct f3); printf("%g,%g ", v.a, v.c); break; }
        case 'u': printf("%d ", va_arg(ap, union u).i); break;
        case 'c': { _Complex double v = va_arg(ap, _Complex double); printf("%g+%gi ", creal(v), cimag(v)); break; }
        case 'C': { _Complex float v = va_arg(ap, _Complex float); printf("%g+%gi ", crealf(v), cimagf(v)); break; }
        case 'e': va_arg(ap, struct empty); printf("e "); break;
        case 'a': printf("%d ", va_arg(ap, struct al).v); break;
        }
    printf("| %d\n", va_arg(second, int));
    va_end(second);
    va_end(ap);
}
static int sum_list(int n, va_list ap) { int r = 0; while (n--) r += va_arg(ap, int); return r; }
static int sum_pointer(int n, va_list *ap) { int r = 0; while (n--) r += va_arg(*ap, int); return r; }
static int sum(int n, ...) { va_list ap; va_start(ap, n); int r = sum_list(n, ap); va_end(ap); return r; }
static int sum_twice(int n, ...) { va_list ap; va_start(ap, n); int r = sum_pointer(2, &ap); r = r * 100 + sum_pointer(n - 2, &ap); va_end(ap); va_start(ap, n); r = r * 100 + va_arg(ap, int); va_end(ap); return r; }
static int many_named(int a, int b, int c, int d, int e, int f, int g, double h, ...) { va_list ap; va_start(ap, h); int r = va_arg(ap, int); double x = va_arg(ap, double); va_end(ap); return r * 100 + x * 10 + g + h; }
static void print(const char *format, ...) { va_list ap; va_start(ap, format); vprintf(format, ap); va_end(ap); }
struct holder { va_list ap; int n; };
static int held(struct holder *h) { return va_arg(h->ap, int) + va_arg(h->ap, int); }
static int hold(int n, ...) { struct holder h; va_start(h.ap, n); int r = held(&h); r += va_arg(h.ap, int); va_end(h.ap); return r; }
static struct big big_result(int n, ...) { struct big b = {{n}}; va_list ap; va_start(ap, n); b.v[9] = va_arg(ap, int); va_end(ap); return b; }
static double struct_first(struct mixed m, ...) { va_list ap; va_start(ap, m); double r = m.d + m.i + va_arg(ap, double); va_end(ap); return r; }
static int in_loop(int n, ...) { int r = 0; for (int i = 0; i < 2; i++) { va_list ap; va_start(ap, n); for (int k = 0; k < n; k++) r = r * 3 + va_arg(ap, int); va_end(ap); } return r; }
static int narrow(int n, ...) { va_list ap; va_start(ap, n); short s = va_arg(ap, int); char c = va_arg(ap, int); float f = va_arg(ap, double); unsigned u = va_arg(ap, unsigned); va_end(ap); return s + c + f + (u > 5); }
typedef int function(int, ...);
static function *pointer = sum;

int main(void)
{
    struct c1 c1 = {'x'}; struct c3 c3 = {"abc"}; struct i2 i2 = {1, 2}; struct f2 f2 = {1.5, 2.5}; struct d2 d2 = {3.5, 4.5}; struct mixed m = {5.5, 6};
    struct mixed2 m2 = {7, 8.5, 9.5}; struct big b = {{10, [9] = 11}}; struct ld ld = {12.5L}; struct l3 l3 = {13, 14, 15}; struct f3 f3 = {1, 2, 3};
    union u u = {.i = 16}; struct empty e; struct al al = {17};
    __int128 q = ((__int128)0x1234 << 64) | 0x5678;
    all("isld", 1, "two", 3L, 4.5);
    all("iqiLisd", 1, q, 2, 3.5L, 4, "five", 6.5);
    all("i13IFDmMBxyzucCea", 1, c1, c3, i2, f2, d2, m, m2, b, ld, l3, f3, u, 1.5 + 2.5 * I, 3.5f + 4.5f * I, e, al);
    all("iiiiiiiii", 1, 2, 3, 4, 5, 6, 7, 8, 9);
    all("idididididididididid", 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 10, 10.5);
    all("iiiiqqdl", 1, 2, 3, 4, q, q + 1, 5.5, 6L);
    all("iiiImiIim", 1, 2, 3, i2, m, 4, i2, 5, m);
    all("iddddddmDdmFz", 1, 1., 2., 3., 4., 5., 6., m, d2, 7., m, f2, f3);
    all("iLLLxaq", 1, 1.5L, 2.5L, 3.5L, ld, al, q);
    all("iclfC", 1, 1.0 + 2.0 * I, 3L, 4.0f + 5.0f * I);
    printf("%d %d %d %d\n", sum(3, 1, 2, 3), sum_twice(5, 1, 2, 3, 4, 5), many_named(1, 2, 3, 4, 5, 6, 7, 8, 9, 1.5), hold(3, 1, 2, 3));
    print("%d %s %c %g %ld %x %5.2f %-5d| %lc\n", 1, "s", 'c', 1.5, 2L, 255u, 3.14159, 42, (wint_t)L'w');
    printf("%d %g %d %d %d\n", big_result(1, 2).v[9], struct_first(m, 2.5), in_loop(3, 1, 2, 3), narrow(0, 70000, 300, 2.5, 7u), pointer(2, 40, 2));
    char ch = 'A'; short sh = -5; float fl = 2.5f; _Bool bo = 1; unsigned char uc = 200;
    printf("%c %d %g %d %d\n", ch, sh, fl, bo, uc);
    return 0;
}
