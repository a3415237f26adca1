// options:
#include <stdio.h>
static int unused_function(void) { int x; return 1; }
int compares(int a, unsigned b) { if (a = 1) printf("%s", a); return a < b; }
unsigned char *sign(char *p) { p + 1; return p; }
