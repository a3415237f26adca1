/* 6.9.1 and C90: K&R definitions, implicit int and declarations, default promotions, calls without prototypes. */
extern int printf();
static counter;
const limit = 5;
add(a, b) { return a + b; }
float narrow(f, c, s, d, p) float f; char c; short s; double d; char *p; { return f + c + s + d + *p; }
static long mixed(n, p, q, fn) register n; int *p, q[]; int (*fn)(); { return n + *p + q[1] + fn(1, 2); }
unsigned char wrap(x) unsigned char x; { return x + 1; }
struct pair { int a; double b; };
struct pair swap(p) struct pair p; { struct pair q; q.a = p.b; q.b = p.a; return q; }
nothing() { counter++; }
int one_two(a, b) int b; { return a * 10 + b; }
typedef int number;
number typed(n) number n; { return n + 1; }
int late();
static int defined_later();
void (*get(n))() { return n ? (void (*)())nothing : 0; }
int square(k, a) int k; int a[k][k]; { return a[1][k - 1]; }
int array(m) int m[2][3]; { return m[1][2]; }
int empty_prototype();
int empty_prototype(int x, char *y) { return x + *y; }
int main(argc, argv) int argc; char **argv;
{
    int v[3] = {1, 2, 3}, m[2][3] = {1, 2, 3, 4, 5, 6};
    struct pair p = {3, 4.5};
    auto k = 7;
    register r = 8;
    printf("%d %g %ld\n", add(3, 4), narrow(1.5, 'a', 7, 2.25, "b"), mixed(1, v, v, add));
    printf("%d %d %g %d\n", wrap(300), swap(p).a, swap(p).b, one_two(1, 2));
    get(1)(); get(1)(); nothing();
    printf("%d %d %d %d %d %d\n", counter, typed(4), late(2, 3), defined_later(5), k, r);
    printf("%d %d %d %d\n", square(3, m), array(m), empty_prototype(1, "a"), limit);
    return argc != 1 || !argv;
}
int late(a, b) { return a - b; }
static int defined_later(x) int x; { return -x; }
