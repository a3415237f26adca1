// options: -Wall -Wextra -Wpedantic
#include <stddef.h>
int less(int a, unsigned b) { return a < b; } //~ sign-compare
int equal(int a, unsigned b) { return a == b; } //~ sign-compare
int literal(unsigned b) { return b > 1; }
int negative(unsigned b) { return b == -1; } //~ sign-compare
int narrow(unsigned char a, unsigned b) { return a < b; }
int narrow_signed(signed char a, unsigned b) { return a < b; } //~ sign-compare
int wide(long a, unsigned b) { return a < b; }
int size(int a, char *s) { return a < sizeof s; } //~ sign-compare
int masked(int a, unsigned b) { return (a & 15) < b; }
int truth(int a, unsigned b) { return (a == 1) == b; }
int loop(unsigned long n) { int s = 0; for (int i = 0; i < n; i++) s++; return s; } //~ sign-compare
int constant(int a) { return a == 1u; }
int less_constant(int a) { return a < 10u; } //~ sign-compare
void *steps(void *p) { return p + 1; } //~ pointer-arith
void *steps_back(void *p) { p++; return p; } //~ pointer-arith
long between(void *p, void *q) { return p - q; } //~ pointer-arith
char *bytes(char *p) { return p + 1; }
unsigned char *sign(char *p) { return p; } //~ pointer-sign
int sign_int(unsigned *p) { int *q = p; return *q; } //~ pointer-sign
int global, values[3];
int address(void) { return &global == NULL; } //~ address
int address_truth(void) { if (&global) return 1; return 2; } //~ address
int array(void) { if (values) return 1; return 2; } //~ address
int function(void) { if (address) return 1; return 2; } //~ address
int array_null(void) { return values != NULL; } //~ address
int parameter(int p[3]) { return p != NULL; }
extern int maybe_absent(void) __attribute__((weak));
int weak(void) { return maybe_absent != NULL; }
int pointer(int *p) { return p ? 1 : 0; }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
int ignored(int a, unsigned b) { return a < b; }
#pragma GCC diagnostic pop
int again(int a, unsigned b) { return a < b; } //~ sign-compare
