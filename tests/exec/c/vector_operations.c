/* GNU: vector types: operators, lanes, shuffles, conversions, arguments and results. */
#include <stdio.h>
typedef int v4 __attribute__((vector_size(16))); typedef float f4 __attribute__((vector_size(16))); typedef char c16 __attribute__((vector_size(16))); typedef unsigned char uc8 __attribute__((vector_size(8))); typedef long long v2 __attribute__((vector_size(16))); typedef double d2 __attribute__((vector_size(16))); typedef int v8 __attribute__((vector_size(32))); typedef short s2 __attribute__((vector_size(4))); typedef int v1 __attribute__((vector_size(4)));
v4 g = {1,2,3}; static v4 arr[2] = {{1,2,3,4},{5,6,7,8}};
v4 f(v4 a, v4 b) { return a * b + 1; } d2 fd(d2 a) { return -a / 2; } v8 f8(v8 a) { return a + a; } uc8 f88(uc8 a) { return a + 1; } s2 fs(s2 a) { return a*2;} v1 fv1(v1 a) {return a+1;}
union u { v4 v; int i[4]; };
int main(void){ v4 a = {1,-2,3,-4}, b = {5,6,7,8}; v4 c = f(a,b); printf("%d %d %d %d\n", c[0],c[1],c[2],c[3]);
c = a < b; printf("%d %d\n", c[0], c[3]); c = a == b;  printf("%d %d\n", c[0], c[1]);  c = ~a; c <<= 1; c >>= (v4){1,1,1,1}; c ^= 3; c %= b; c |= a & b; printf("%d %d\n", c[0],c[1]); c = 5 - a; printf("%d\n", c[1]); c = a << 2; c = 2 << b; printf("%d\n", c[0]);
f4 x = {1.5f,2,3,4}; x *= 2; x = x + x; x = -x; printf("%g %g\n", x[0], x[3]); v4 m = x < 0.0f; printf("%d\n", m[0]); d2 d = fd((d2){3,4}); printf("%g\n", d[1]);
v8 e = f8((v8){1,2,3,4,5,6,7,8}); printf("%d\n", e[7]); uc8 u = f88((uc8){255,1}); printf("%d %d\n", u[0],u[1]); s2 s = fs((s2){1,2}); printf("%d\n", s[1]); v1 o = fv1((v1){4}); printf("%d\n", o[0]);
v4 sh = __builtin_shuffle(a, (v4){3,2,1,0}); printf("%d\n", sh[0]); sh = __builtin_shuffle(a, b, (v4){0,4,1,5}); printf("%d %d\n", sh[1], sh[3]); sh = __builtin_shufflevector(a,b,0,4,1,5); f4 cv = __builtin_convertvector(a, f4); printf("%g\n", cv[1]);
typedef int v2i __attribute__((vector_size(8))); v2i pair = {9, 10}; sh = __builtin_shufflevector(a, pair, 0, 4, 5, 3); printf("%d %d %d\n", sh[1], sh[2], sh[3]); v8 wide = __builtin_shufflevector(pair, a, 0, 1, 2, 3, 4, 5, 5, 0); printf("%d %d\n", wide[5], wide[7]);
typedef __int128 w2 __attribute__((vector_size(32))); w2 ww = {5, -6}; ww = ww * ww / 7; ww[0] <<= 80; ww = ww + (ww > 9); printf("%llx %d\n", (long long)(ww[0] >> 64), (int)ww[1]);
union u un; un.v = a; un.i[2] = 9; printf("%d\n", un.v[2]); a[1] = 7; a[un.i[0]] += 3; int *p = (int*)&a; printf("%d %d\n", p[1], a[2]); v2 w = (v2)a; printf("%lld\n", w[0]); printf("%d %d\n", g[2], arr[1][3]); a++; --a; printf("%d %zu\n", a[0], sizeof(c16)); v4 z = {}; z += a; printf("%d\n", (z = b)[1]); printf("%d\n", ((v4){1,2,3,4})[2]); long long q = (long long)(uc8){1,2,3}; printf("%llx\n", q);
return 0; }
