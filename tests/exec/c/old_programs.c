/* C90 and GNU: implicit int and functions, builtin types of the compiler. */
int printf(); void abort(); void *malloc(); char *strcpy(); 
typedef __builtin_va_list va; typedef __SIZE_TYPE__ sz; typedef __INT64_TYPE__ i64; typedef __PTRDIFF_TYPE__ pd; typedef __WCHAR_TYPE__ wc; typedef __INTPTR_TYPE__ ip;
static int sum(int n, ...) { va ap; __builtin_va_start(ap, n); int s = 0; while (n--) s += __builtin_va_arg(ap, int); __builtin_va_end(ap); return s; }
int x __attribute__((vector_size(8))) = {1, 2}; struct s { char a; } __attribute__((aligned)); int al = sizeof(struct s) + __BIGGEST_ALIGNMENT__; 
inline static const char *fn() { return __PRETTY_FUNCTION__; } __complex__ double cd = 1.0 + 2.0i; 
static int sc(signed char a, unsigned char b) { return a < b; } void noret() __attribute__((noreturn)); void noret() { for (;;) __builtin_exit(printf("bye\n") != 4); } 
i64 shr(i64 a, int n) { return a >> n; } unsigned mulhi(unsigned a, unsigned b) { return ((unsigned long long)a * b) >> 32; } int bit(int a, int n) { return a >> n & 1; } int abs_(int a) { int m = a >> 31; return (a ^ m) - m; }
main() { int i = sum(4, 1, 2, 3, 4); char *p = malloc(10); strcpy(p, "abc"); printf("%d %s %d %d %s %g %d\n", i, p, x[1], al, fn(), __imag__ cd, sc(-1, 255)); printf("%ld %u %d %d\n", shr(-100, 3), mulhi(-1, -1), bit(5, 2), abs_(-9)); if (sizeof(wc) != 4 || sizeof(pd) != 8) abort(); printf("%d %d\n", __CHAR_BIT__, __INT_MAX__ == 2147483647); noret(); }
