/* GNU C: omitted operands, statement expressions, unions cast, void arithmetic, sizeof of void and functions, ranges, zero arrays. */
#include <stdio.h>
#include <string.h>

struct pair { int a, b; };
union number { int i; double d; struct pair p; char c[16]; };
union number of_int = (union number)2, of_double[2] = {(union number)73.5, {.c = "a"}};
struct zero { int n; int tail[0]; };
static int calls;
static int count(void) { return ++calls; }
static struct pair make(int a) { struct pair p = {a, a + 1}; return p; }
static int take(union number u, int which) { return which ? u.i : (int)u.d; }
static int with_return(int n) { int v = ({ if (n > 5) return -1; n * 2; }); return v; }
static int with_goto(int n) { int v = ({ if (n > 5) goto out; n * 2; }); return v; out: return -2; }
static int loops(void) { int r = 0; for (int i = 0; i < 10; i++) r += ({ if (i == 3) continue; if (i == 7) break; i; }); return r; }
#define MAX(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })
static int both(int x) { return x ? : 5; }
static const char *name(const char *s) { return s ?: "default"; }
static int chosen = __builtin_choose_expr(sizeof(int) == 4, 10, "no");
static int constant = __builtin_constant_p(5) ? 1 : 2;
static double foldable = 1.0 / 3.0 * 3;
static unsigned long difference = (char *)&((struct pair *)0)->b - (char *)0;
static int conditional = 1 ? 5 : 1 / 0;
static char sizes[sizeof(int) > 2 ? 10 : -1];
static const int constant_int = 7;
static int from_constant = constant_int;
static struct pair copied = (const struct pair){1, 2};
int extern_missing();
static int __attribute__((noinline, noclone, always_inline)) attribute(int x __attribute__((unused)), ...) { return 1; }
static void nothing(void) {}
static int void_conditional(int n) { n ? nothing() : (void)count(); return calls; }
static int big_compound(void) { return (struct { int a; struct pair p; }){1, {2, 3}}.p.b + ((struct pair[]){{4, 5}, {6, 7}})[1].b; }
static int in_rvalue(void) { struct { int v[3]; } s = {{1, 2, 3}}; return (count(), s).v[2] + ({ s; }).v[1] + (1 ? s : s).v[0]; }
static int struct_assign(void) { struct pair x, y, z; x = y = z = make(3); return (x = make(4)).b + y.a + (z = x, z).b; }
static int empty_structs(void) { struct {} e, f; e = f; struct { struct {} x; int y; } g = {{}, 5}; return sizeof e + g.y; }
static int alignof_uses(void) { int x; double y[3]; return __alignof__(x) + __alignof__(y) + __alignof__(long double) + __alignof__(struct pair) + __alignof__ x; }
static int cleanup_order;
static void clean(int *p) { cleanup_order = cleanup_order * 10 + *p; }
static int cleanups(int n)
{
    __attribute__((cleanup(clean))) int a = 1;
    for (int i = 0; i < 3; i++) { int b __attribute__((cleanup(clean))) = i + 2; if (i == n) break; if (i == 1) continue; { int c __attribute__((cleanup(clean))) = 9; if (n == 7) goto out; } }
    if (n == 1) return a;
out:
    return a + 1;
}

int main(int argc, char **argv)
{
    printf("%d %d %s %s\n", both(0), both(3), name(0), name("given"));
    printf("%d ", count() ?: 9); printf("%d\n", calls);
    printf("%d %d\n", take((union number)5, 1), take((union number)2.5, 0));
    printf("%d %d %d %d %d\n", with_return(3), with_return(8), with_goto(3), with_goto(8), loops());
    printf("%d %g %d\n", MAX(3, 4), MAX(1.5, 1), MAX(MAX(1, 5), MAX(2, 3)));
    printf("%d %d %g %lu %d %zu %d %d\n", chosen, constant, foldable, difference, conditional, sizeof sizes, from_constant, copied.b);
    void *p = &copied; void (*f)(void) = nothing; 
    printf("%d %zu %zu %ld\n", *(int *)(p + 4), sizeof(void), sizeof(nothing), (long)((p + 8) - p));
    f++; f--; f();
    struct zero *z = (struct zero *)(int[]){3, 4, 5};
    printf("%zu %d %d\n", sizeof(struct zero), z->tail[0], z->tail[1]);
    printf("%d ", void_conditional(0)); printf("%d ", void_conditional(1));
    printf("%d %d %d %d %d\n", attribute(1), big_compound(), in_rvalue(), struct_assign(), empty_structs());
    printf("%d\n", alignof_uses());
    for (int n = 0; n < 9; n++) { cleanup_order = 0; int r = cleanups(n); printf("%d:%d;", r, cleanup_order); }
    printf("\n%d %d\n", ({ int x = 3; x * 2; }), ({ make(5); }).b);
    int v = ({ 1; 2; 3; }); ({ v++; }); ({ ; }); ({});
    v += ({ 4;; ; });
    printf("%d %d\n", v, ({ int w = v; { int v = 10; w += v; } w; }));
    static struct { union number n; int after; } inside = {(union number)9, 6};
    printf("%d %g %d %d %d\n", of_int.i, of_double[0].d, of_double[1].c[0], inside.n.i, inside.after);
    int x = 5, *q = &x; 
    printf("%d %d\n", (x += 2, *q), __extension__ ({ __extension__ 5; }));
    printf("%d %d %d\n", __builtin_types_compatible_p(int, const int), __builtin_types_compatible_p(int[], int[5]), __builtin_types_compatible_p(char *, signed char *));
    if (0) extern_missing();
    if (sizeof(int) != 4) extern_missing();
    while (0) extern_missing();
    0 && extern_missing(); 1 || extern_missing(); 1 ? 0 : extern_missing();
    return 0 * argc;
}
