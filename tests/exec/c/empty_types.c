/* GNU: empty structs and unions, zero-length arrays, as arguments and in variable arguments too. */
#include <stdio.h>
struct e {}; struct e ge; struct e fe(struct e a, int b, struct e c) { return b ? a : c; } struct z { int n[0]; }; struct fl { int n; char d[]; }; union ue {}; 
int cnt(int a, struct e x, int b, ...) { __builtin_va_list ap; __builtin_va_start(ap, b); struct e y = __builtin_va_arg(ap, struct e); int r = __builtin_va_arg(ap, int); __builtin_va_end(ap); (void)y; return a * 100 + b * 10 + r; }
int main(void) { struct e a = {}, b; b = a; b = fe(a, 1, b); struct e arr[5]; printf("%zu %zu %zu %zu\n", sizeof a, sizeof arr, sizeof(struct z), sizeof(union ue)); printf("%d\n", cnt(1, a, 2, b, 3)); (void)({ a; }); return 0; }
