/* 6.7: declarations: every order of specifiers, nested declarators, typedef names reused, tags and scopes, tentative definitions. */
#include <stdio.h>

long unsigned int long order1 = 1;
int unsigned static const volatile long order2 = 2;
short int const signed order3 = -3;
double long order4 = 4.5L;
char unsigned order5 = 255;
typedef int T, *P, A[3], F(int), (*FP)(int), *AP[2];
T typedef const CT;
static T t = 1;
static P p = &t;
static A a = {1, 2, 3}, aa[2] = {{4}, {5, 6}};
static F twice, *fp = twice;
static FP fps[2] = {twice, &twice};
static AP ap = {&t, &a[1]};
static int twice(int x) { return 2 * x; }
static int (*const (*table[2])[1])(int);
static int (*const row[1])(int) = {twice};
static int (*choose(int n))(int) { return n ? twice : 0; }
static int (*(*choose2(void))(int))(int) { return choose; }
static int (*array_pointer(void))[3] { return &a; }
static FP *pointer_to_function_pointers(void) { return fps; }
int tentative; int tentative; extern int tentative; int tentative = 5; int tentative;
static int internal; static int internal; extern int internal;
int unsized[]; int unsized[]; 
int sized_later[]; int sized_later[4] = {1};
extern int elsewhere[]; int elsewhere[2] = {7, 8};
struct incomplete; typedef struct incomplete I; static I *later(I *); struct incomplete { int v; I *next; };
static I *later(I *i) { return i->next; }
struct s { struct inner { int x; } in; enum { E1, E2 = 5, E3 } e; union { int i; float f; } u; } s = {{1}, E3, {.f = 1.0f}};
struct inner other = {9};
enum forward { X = E2 + 1, Y, Z = -1, W }; 
enum { BIG = 1ull << 40, NEG = -1 };
static int shadow = 1;
static int shadows(int T) { int P = T; { typedef char T; T x = 300; { int T = x; T++; P += T; } } return P + shadow; }
static int shadow_struct(void) { struct s { char c; } v = {'x'}; { struct s { int a[10]; }; return sizeof(struct s) + sizeof v; } }
static int typedef_member(void) { struct { T T; P P; } x = {1, &t}; return x.T + *x.P; }
static int parameter_names(int T, int P) { return T * P; }
static int (parenthesised)(int (x)) { return (x); }
static int function_parameter(int f(int), int g[static 2], int h[const], int n, int m[n][n]) { return f(g[1]) + h[0] + m[1][1]; }
static int unnamed(int, char *); static int unnamed(int a, char *b) { return a + *b; }
static int enum_scope(void) { enum { E1 = 100 }; return E1; }
static int extern_inside(void) { extern int tentative; int r = tentative; { extern int late_global; r += late_global; } return r; }
int late_global = 30;
static int static_local(void) { static int n, *q = &n; static struct { int v; } z = {10}; return ++*q + z.v++; }
static int loop_scope(void) { int i = 5, r = 0; for (int i = 0; i < 3; i++) { int i = 10; r += i; } return r + i; }
static int label_and_type(void) { T: if (0) goto T; typedef struct T { int T; } T; T v = {3}; return v.T; }
static int sizeof_tricks(void) { int shadow[sizeof(int) * 2]; char c[sizeof shadow]; return sizeof c + sizeof(char[3][4]) + sizeof(int (*)[5]) + sizeof(F *) + sizeof "x"[0]; }
static inline int __attribute__((always_inline)) forced(int x) { return x + 1; }
_Noreturn void stop(void);
static int cast_mix(int x) { return (T)x + (T)-1 + (T)+1 + (T)~x + (T)(x) + sizeof(T)-1 + -(T)2 + (int)*&x + !(T)x; }
static int typeof_uses(void) { __typeof__(int *) x = &t, *y = &x; typeof(a) b = {7}; typeof(twice) *g = twice; const typeof(1.0f) h = 2; return **y + b[0] + g(2) + sizeof h; }
static int auto_type(void) { __auto_type x = 1.5; __auto_type y = "abc"; __auto_type z = a; return sizeof x + y[1] + z[2]; }
static int many = 1, *many_p = &many, many_a[2] = {1, 2}, (*many_f)(int) = twice, many_last = sizeof many_a;
volatile const int *const volatile qualified = &many;
int main(void)
{
    table[0] = &row;
    printf("%llu %ld %d %Lg %d\n", order1, order2, order3, order4, order5);
    printf("%d %d %d %d %d %d\n", *p, aa[1][1], fp(3), fps[1](4), *ap[1], (*(*table[0])[0])(5));
    printf("%d %d %d %d\n", choose(1)(6), choose2()(1)(7), (*array_pointer())[2], pointer_to_function_pointers()[0](8));
    printf("%d %d %d %d %d\n", tentative, internal, unsized[0], sized_later[0], elsewhere[1]);
    I last = {2}, first = {1, &last};
    printf("%d %d %d %d %d %g %d\n", later(&first)->v, s.in.x, s.e, Y, W, s.u.f, other.x);
    printf("%zu %zu %d\n", sizeof(BIG), sizeof(NEG), NEG);
    printf("%d %d %d %d %d\n", shadows(3), shadow_struct(), typedef_member(), parameter_names(3, 4), parenthesised(5));
    int m[2][2] = {1, 2, 3, 4};
    printf("%d %d %d %d\n", function_parameter(twice, a, a, 2, m), unnamed(1, "a"), enum_scope(), extern_inside());
    printf("%d ", static_local()); printf("%d %d %d %d\n", static_local(), loop_scope(), label_and_type(), sizeof_tricks());
    printf("%d %d %d %d %d %d\n", forced(1), cast_mix(5), typeof_uses(), auto_type(), many_f(many_last), *qualified);
    return 0;
}
