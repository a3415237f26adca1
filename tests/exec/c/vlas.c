/* 6.7.6.2: variable length arrays: sizeof, typedefs, pointers to them, parameters, scopes and loops, side effects, release on goto. */
#include <stdio.h>
#include <string.h>

static int calls;
static int side(int n) { calls++; return n; }
static int sum(int n, int m, int a[n][m]) { int r = 0; for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) r += a[i][j]; return r; }
static int star(int n, int a[*]); static int star(int n, int a[n]) { return a[n - 1] + (int)(sizeof a / sizeof(void *)); }
static int parameter_effect(int n, int a[side(n)]) { return a[0] + calls; }
static int pointers(int n) { int a[n][n + 1], (*p)[n + 1] = a; memset(a, 0, sizeof a); p[1][2] = 5; p++; return (*p)[2] + (int)sizeof *p + (int)(p - a) + (int)sizeof(a[0][0]); }
static int typedefs(int n) { typedef int T[n]; n = 100; T a, b[2]; a[0] = 1; return sizeof a + sizeof b + sizeof(T) + a[0]; }
static int loops(int n) { int r = 0; for (int i = 1; i <= n; i++) { char a[i]; memset(a, i, i); r += a[i - 1] + sizeof a; if (i == 3) continue; if (i == 8) break; } return r; }
static int gotos(int n) { int count = 0; again: { char a[1000 + n]; a[999] = 1; count += a[999]; if (count < 20000) goto again; } return count; }
static long loop_release(void) { long total = 0; for (int i = 0; i < 100000; i++) { char a[(i & 1023) + 100]; a[99] = 1; total += a[99]; if (i & 1) continue; } return total; }
static int switches(int n) { switch (n) { case 1: { int a[n + 2]; a[2] = 5; return sizeof a + a[2]; } default: { long b[n]; b[n - 1] = 6; return sizeof b + b[n - 1]; } } }
static int nested(int n) { int a[n]; a[0] = n; if (n > 1) { int b[a[0] * 2]; b[n] = nested(n - 1); return b[n] + (int)sizeof b; } return a[0]; }
static int multi(int a, int b, int c) { int v[a][b][c]; int *p = &v[0][0][0]; for (int i = 0; i < a * b * c; i++) p[i] = i; return v[a - 1][b - 1][c - 1] * 1000 + (int)(sizeof v + sizeof v[0] + sizeof *v[0] + sizeof &v); }
static int fixed_of_variable(int n) { int (*a[3])[n]; int b[2][n]; a[0] = b; b[0][1] = 4; return (*a[0])[1] + sizeof a + sizeof **a; }
static int sizeof_effects(int n) { int i = n; int s = sizeof(int[i++]); s += sizeof(char[side(4)]) * 100; int t = sizeof(i++); return s * 10 + i + t; }
static int casts(int n, void *p) { return (*(int (*)[n][n])p)[1][1] + ((int (*)[n])p)[1][0]; }
static int statement(int n) { return ({ int a[n]; a[n - 1] = 7; a[n - 1]; }) + (int)({ char b[n]; sizeof b; }); }
static int structs(int n) { struct { int x, y; } a[n]; a[n - 1].y = 4; return a[n - 1].y + sizeof a; }
static int typeofs(int n) { int a[n]; __typeof__(a) b; typeof(a[0]) c = 3; typeof(int[n + 1]) d; return sizeof b + c + sizeof d; }
static int aligned(int n) { _Alignas(64) char a[n]; char c; return ((unsigned long)a & 63) == 0 && &c != a; }
static int expression_size(int n) { char a[n * 2 + (n > 2 ? 1 : 0)]; return sizeof(a) + sizeof a[0]; }
static int address_of_vla(int n) { int a[n]; int (*p)[n] = &a; (*p)[1] = 8; return a[1] + (int)((char *)(p + 1) - (char *)p); }

int main(void)
{
    int m[2][3] = {{1, 2, 3}, {4, 5, 6}};
    printf("%d %d %d\n", sum(2, 3, m), star(3, m[0]), parameter_effect(2, m[1]));
    printf("%d %d %d %d %ld\n", pointers(3), typedefs(3), loops(10), gotos(5), loop_release());
    printf("%d %d %d %d %d\n", switches(1), switches(4), nested(4), multi(2, 3, 4), fixed_of_variable(5));
    int e = sizeof_effects(3);
    printf("%d %d %d %d\n", e, calls, casts(2, m), statement(6));
    printf("%d %d %d %d %d\n", structs(3), typeofs(4), aligned(33), expression_size(3), address_of_vla(4));
    return 0;
}
