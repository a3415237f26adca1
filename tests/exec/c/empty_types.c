/* GNU: empty structs and unions, zero-length arrays, as arguments and in variable arguments too. */
#include <stdio.h>
struct e {}; struct e ge; struct e fe(struct e a, int b, struct e c) { return b ? a : c; } struct z { int n[0]; }; struct fl { int n; char d[]; }; union ue {}; 
int cnt(int a, struct e x, int b, ...) { __builtin_va_list ap; __builtin_va_start(ap, b); struct e y = __builtin_va_arg(ap, struct e); int r = __builtin_va_arg(ap, int); __builtin_va_end(ap); (void)y; return a * 100 + b * 10 + r; }
struct ae {} __attribute__((aligned(32))); /* aligns nothing among the arguments */
long after(int n, ...) { __builtin_va_list ap; __builtin_va_start(ap, n); while (n--) __builtin_va_arg(ap, long); __builtin_va_arg(ap, struct ae); long r = __builtin_va_arg(ap, long); __builtin_va_end(ap); return r; }
/* A value for an empty element is one too many; the next element does not get it, and an array of them has an end. */
union {} u[] = { 1, 2 }; struct { struct e x; int y; } s = { 5 }; int z[][0] = { 1 }; struct e many[1ul << 40] = { 1 };
struct z more[1ul << 40] = { 1 }; struct { struct z a; int b; } za = { 1 }, zb = { 1, 2 }; struct z each[] = { 1, 2, 3 };
union { int n[0]; int i; } un[] = { 1, 2 };
struct { struct e a[1000000000]; int b; } t = { 7 }; struct { int n[0]; int m; } v = { 1 }, w = { {}, 1 };
struct { struct { int : 3; } a; int b; } x = { 3, 4 }; struct { int a; int f[]; } fl = { 1, 2, 3 };
struct { struct e a[3]; int b; } y[] = { 1, 2, 3 }; struct { struct { struct e e; } a; int b; } yy = { 2, 3 };
static int whole(__typeof__(t) v) { return v.b; }
static void excess(void) { struct e l; struct { struct e x; int y; } a = { l, 5 };
    printf("%zu %d %d %d %d %d %d %d %d %d\n", sizeof u, s.y, t.b, v.m, w.m, x.b, y[0].b, a.y, yy.b, fl.f[1]);
    printf("%d %d %d %zu %d\n", whole(t), za.b, zb.b, sizeof each, un[1].i + un[0].i); }
int main(void) { excess(); struct ae g; printf("%ld %ld %ld %ld %ld\n", after(1, 1l, g, 2l), after(5, 1l, 2l, 3l, 4l, 5l, g, 6l), after(6, 1l, 2l, 3l, 4l, 5l, 6l, g, 7l), after(7, 1l, 2l, 3l, 4l, 5l, 6l, 7l, g, 8l), after(8, 1l, 2l, 3l, 4l, 5l, 6l, 7l, 8l, g, 9l));
    struct e a = {}, b; b = a; b = fe(a, 1, b); struct e arr[5]; printf("%zu %zu %zu %zu\n", sizeof a, sizeof arr, sizeof(struct z), sizeof(union ue)); printf("%d\n", cnt(1, a, 2, b, 3)); (void)({ a; }); return 0; }
