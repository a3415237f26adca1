/* GNU: asm goto: labels by number and name, results on every way out, jumps backwards and out of blocks. */
#include <stdio.h>
static int is_neg(int x) { __asm__ goto("testl %0, %0\n\tjs %l[neg]" : : "r"(x) : "cc" : neg); return 0; neg: return 1; }
static int both(int x, int *out) { int y;
  __asm__ volatile goto("leal 3(%1), %0\n\tcmpl $10, %0\n\tjg %l2\n\tcmpl $5, %0\n\tjl %l[low]" : "=&r"(y) : "r"(x) : "cc" : big, low);
  *out = y; return 0; big: *out = y * 100; return 1; low: *out = -y; return 2; }
static int plus(int x) { __asm__ goto("addl $1, %0\n\tjc %l[over]\n\t" : "+r"(x) : : "cc" : over); return x; over: return -100 - x; }
static int plus2(int x, long z) { short q = 7; __asm__ goto("addl %k[z], %[x]\n\tincw %1\n\tjz %l5" : [x] "+r"(x), "+r"(q) : [z] "r"(z): "cc" : over); return x+q; over: return -100 - x - q; }
static int scoped(int x) {
  { int c = x;
    __asm__ goto("cmpl $4, %0\n\tje %l[out]" : : "m"(c) : "cc" : out);
    printf("inside %d\n", c); }
  return 1;
 out: return 2; }
static int loop(int n) { int s = 0;
 again: s += n; n--;
  __asm__ goto("cmpl $0, %0\n\tjne %l[again]" : : "rm"(n) : "cc", "memory" : again);
  return s; }
int main(void) { int o;
 printf("%d %d\n", is_neg(3), is_neg(-3));
 for (int i = -3; i < 12; i += 3) { int r = both(i, &o); printf("%d %d\n", r, o); }
 printf("%d %d\n", plus(4), plus(-1));
 printf("%d %d\n", plus2(4, 5), plus2(-1, 1));
 printf("%d\n", scoped(3)); printf("%d\n", scoped(4)); printf("%d\n", loop(10));
 return 0; }
