/* 6.7.8, 6.2.3: names that are types outside and objects, members, labels or parameters inside; odd declarations. */
#include <stdio.h>
typedef int foo; typedef unsigned u32; typedef struct bar bar; struct bar { foo foo; bar *bar; };
foo f(foo foo) { return foo; } int g(int (foo_)) { return foo_; } int h(u32 (u)) { return u; } foo (*pf)(foo) = f; foo (fn)(void) { foo x = 1; return x; }
int k(foo, u32); int k(foo a, u32 b) { { u32 foo = b; return a + foo; } }
static foo static_foo(const foo *foo) { return *foo; }
typedef struct { int x; } foo2, *pfoo2; int m(pfoo2 foo2) { return foo2->x; }
struct s { unsigned foo; foo2 a; int u32 : 3; }; enum { A, B, };
int (*(*ff)(int))(foo) ; int (*ret(int a))(foo) { return f; }
long long int unsigned lu; int long long signed ls = -1; const char *const volatile restrict_ = 0; 
__extension__ typedef long long ll_t; __signed__ char sc; __const int ci = 1; __volatile__ int vi; __inline__ static int inl(void) { return 1; } int __restrict_test(char *__restrict p, char *__restrict__ q) { return *p + *q; }
int cast(void) { foo a = 5; return (foo)(a) + (foo)-a + (foo)*&a + (int)sizeof(foo) + (int)sizeof (foo)*1 + (int)sizeof(a) ; }
int lbl(void) { foo: return 1; goto foo; } 
int cond(int a) { return a ? a ? 1 : 2 : a ? 3 : 4; } int comma(void) { int a = (1, 2), b; for (a = 1, b = 2; a < b; a++, b--); return a, b; }
int deref(int **p) { return **p - -**p + + +**p - ~-**p; } int ops(int a, int b) { return a+++b - a---b + (a&&b||a) + (a & b | a ^ b) + !a == b; }
int if_else(int a, int b) { if (a) if (b) return 1; else return 2; return 3; }
static struct { int a; } anon[] = { { 1 }, { 2 } }, *panon = anon; struct outer { struct { int a, b; } in[2]; struct inner2 { int q; } ; int arr[3]; } o = { { { 1, 2 }, { 3, 4 } }, .arr = { [1] = 5 } };
typeof(int [3]) ta = {1,2,3}; typeof(f) *tf = f; void (*sig(int, void (*)(int)))(int); extern int printf(const char *, ...); typedef void v; int novoid(v) { return 5; }
int arr2d(int a[][3], int n) { return a[1][2] + n; } int starred(int (*a)[3]) { return a[1][1]; } int fpar(int f(int), int (*g)(int)) { return f(1) + (*g)(2) + (&*g)(3) + (***f)(4); } char *s = "a" "b" /* c */ "c"; ; 
int semi(void) { ;;; { } { ; } return 0; ; }
; struct fwd *pp; struct fwd { int z; }; 
int main(void) { foo foo = 3; bar b = { 1, &b }; int a[2][3] = {1,2,3,4,5,6}; int v = 4, *pv = &v; struct fwd fw = {7}; pp = &fw; struct s ss = {1, {2}, 3}; foo2 q = {8};
printf("%d %d %d %d %d %d %d %d\n", f(1), g(2), h(3), pf(4), fn(), k(1,2), static_foo(&foo), m(&q));
printf("%d %d %d %d %d %d %d\n", b.bar->bar->foo, ss.u32, ret(1)(5), cast(), lbl(), cond(0), comma()); printf("%d %d %d %d %d %d\n", deref(&pv), ops(3, 2), if_else(1, 0), panon[1].a, o.in[1].a + o.arr[1], ta[2] + tf(1)); printf("%d %d %d %s %d %d %d %lld\n", novoid(), arr2d(a, 1), starred(a), s, fpar(f, g), pp->z, inl(), ls); 
if (v) { int v = 10; if (v > 5) printf("%d\n", v); else printf("no\n"); } else ; do v--; while (v > 0); for (int i = 0, j = 10; i < j; i += 3, j--) v += i; while (v --> 0) ; printf("%d\n", v); 
return 0; }
