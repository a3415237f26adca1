// options: -Wno-unused -Wall -Wformat=2
int f(void) { int x; return 1; }
static int g(void) { return 1; }
