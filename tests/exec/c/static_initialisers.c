/* 6.6, 6.7.9: constant expressions in static initialisers; code that cannot be reached needs no callee. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern void link_error(void);
typedef struct { int a; } T; 
int vla_struct_param(int n, struct { int x; } *p) { return 0; }
static int f1(int a) { switch (a) { default: return 0; case 0: if (0) { case 1: return 5; } return 7; } }
static void *labels(int n) { static void *t[] = {&&a, &&b}; if (n < 0) return t[0]; goto *t[n]; a: return (void *)1; b: return (void *)2; }
static unsigned long long ull = 18446744073709551615ULL; static signed char sc = (signed char)200; static unsigned short us = (unsigned short)-1; 
static struct { T t; long w[2]; const char *s; int *none, *one; } literals = { .t = { (int){ 1 } }, { (short){ 70000 }, (char){ 3 } }, (const char *){ "abc" }, (int *){ 0 }, (int[]){ 6 } };
static char *from_array = (char[]){ "array" }; static int *one_more = (int[]){ 8 };
int g[] = { [2] = 5, [0] = 1, 2 }; char multi[][3] = {"ab", "cd", "e"}; struct { char *p; int n; } st[] = { {"x", 1}, {.n = 2, .p = "y"} }; 
union { long l; double d; } un = { .d = 1.0 }; static int *const cp = &g[1]; static const char *const names[2] = {"n0", "n1"}; 
static int sfoo(void); static int (*sfp)(void) = sfoo; static int sfoo(void) { return 42; } 
extern int later; int *plater = &later; int later = 9; void *vp = &vp; int (*arrfp[2])(const char *, ...) = {printf, 0}; 
long offs = (long)&((struct { int a; long b; } *)0)->b; _Bool bb = &later; int cond = 1 ? 2 : 0; double dneg = -0.0; float fdiv = 1.0f / 3; int shifted = 1 << 4 | 3; int chr = 'a' + 1; int cmp = 3 > 2 && 1.5 < 2; int sz = sizeof(int[3]) / sizeof(int); unsigned um = -1; int ll = (int)0x1234567890LL; char c200 = 200; long double ldv = 1.0L / 3; int neg = -5 / 2 * 3 % 4; 
int main(void) { if (0) link_error(); if (1) ; else link_error(); for (; 0;) link_error(); do { } while (0); if (sizeof(long) == 4) link_error(); int r = 1 || (link_error(), 0); r += 0 && (link_error(), 1); r = 1 ? r : (link_error(), 2); if (!1) { link_error(); } else r++; while (0) { link_error(); } const int k = 0; 
switch (3) { case 3: r++; break; } printf("%d %d %d %d %d\n", r, f1(0), f1(1), f1(9), (int)(long)labels(1)); printf("%llu %d %d %d %s %s %d %g\n", ull, sc, us, g[1], multi[2], st[1].p, st[1].n, un.d); printf("%d %s %d %d %d %d\n", *cp, names[1], sfp(), *plater, vp == &vp, arrfp[0] == printf); printf("%ld %d %d %g %g %d %d %d %d %u %x %d %.20Lg %d\n", offs, bb, cond, dneg, fdiv, shifted, chr, cmp, sz, um, ll, c200, ldv, neg); printf("%d %ld %ld %s %d %d %s %d\n", literals.t.a, literals.w[0], literals.w[1], literals.s, literals.none == 0, *literals.one, from_array, *one_more); return k; }
