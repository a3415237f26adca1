/* How values travel: pieces, memory, several results, variable arguments, pointers to functions. */
#include <stdarg.h>
struct two { long a; double b; };
struct big { long v[5]; };
struct odd { char c; int i; } __attribute__((packed));
struct two swap(struct two t) { return (struct two){ (long)t.b, t.a }; }
struct big fill(struct big b, long x, struct odd o) { b.v[1] = x + o.i; return b; }
long double longer(long double x) { return x + 1.5L; }
signed char small(signed char c) { return -c; }
int total(int n, ...)
{
    va_list ap;
    int sum = 0;
    va_start(ap, n);
    while (n--)
        sum += va_arg(ap, int);
    va_end(ap);
    return sum;
}
int use(int (*f)(struct two, ...), struct two *t, int k())
{
    *t = swap(*t);
    return f(*t, 3, 4.5f) + total(2, 3, 4) + k(1, 2);
}
