// options: -Wall -Wextra -Wno-unused-variable -Wno-format -Wno-sign-compare
#include <stdio.h>
int quiet(int a, unsigned b) { int x; printf("%s", a); return a < b; }
int loud(int a) { int y; y = 1; return a; } //~ unused-but-set-variable
