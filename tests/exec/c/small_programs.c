/* Small whole programs: sorting, recursion, struct values, address constants, string loops. */
int printf(const char *, ...); void abort(void); void exit(int);
struct s { int a; struct { int b; } c; int d[2]; }; struct s gs = {1,{2},{3,4}}; 
int *p = &gs.c.b; int *p2 = &gs.d[1]; char *cp = (char*)&gs + 4; unsigned long ul = (unsigned long)&gs; long diff = &gs.d[1] - &gs.d[0]; int *end = gs.d + 2; int (*fp)(const char*,...) = printf; 
const char *names[] = { [0] = "zero", [2] = "two" }; char *q = &"hello"[1]; int ne = sizeof names / sizeof *names; 
static int sw(char *s) { int n = 0; while (*s) switch (*s++) { case 'a': n++; break; case 'b': n += 10; } return n; }
double pw(double x, int n) { return n ? x * pw(x, n - 1) : 1; } 
unsigned collatz(unsigned n) { unsigned c = 0; while (n != 1) { n = n & 1 ? 3 * n + 1 : n / 2; c++; } return c; }
int fib(int n) { return n < 2 ? n : fib(n-1) + fib(n-2); } int ack(int m, int n) { return !m ? n+1 : !n ? ack(m-1,1) : ack(m-1, ack(m,n-1)); }
struct big { int a[100]; } mk(int n) { struct big b; for (int i = 0; i < 100; i++) b.a[i] = i*n; return b; } int sumb(struct big b) { int s = 0; for (int i = 0; i < 100; i++) s += b.a[i]; b.a[0] = 99; return s; }
void swap(int *a, int *b) { *a ^= *b; *b ^= *a; *a ^= *b; } 
int main() { printf("%d %d %d %ld %d %d\n", *p, *p2, *(int*)cp, diff, (int)(end - gs.d), ul == (unsigned long)&gs); fp("%s %s %d %s\n", names[0], names[2], ne, q); printf("%d %g %u %d %d\n", sw("abcab"), pw(2, 10), collatz(27), fib(15), ack(2,3)); 
struct big b = mk(3); printf("%d %d %d\n", sumb(b), sumb(mk(1)), b.a[0]); int x = 1, y = 2; swap(&x, &y); printf("%d %d\n", x, y); 
int a[5] = {5,3,1,4,2}; for (int i = 0; i < 5; i++) for (int j = 0; j + 1 < 5 - i; j++) if (a[j] > a[j+1]) { int t = a[j]; a[j] = a[j+1]; a[j+1] = t; } for (int i = 0; i < 5; i++) printf("%d", i[a]); printf("\n"); 
char buf[10], *d = buf; const char *s = "copy"; while ((*d++ = *s++)); printf("%s\n", buf); unsigned char uc = 255; uc++; printf("%d\n", uc); short sh = 32767; sh++; printf("%d\n", sh); int i = 2147483647; unsigned u = i + 1u; printf("%u\n", u); 
float f = 1.1f; double dd = f; printf("%d %d\n", f == 1.1, dd == f); printf("%d\n", (int)(0.1 + 0.2 == 0.3)); long double ld = 0.1; printf("%d\n", ld == 0.1L); if (-1 > 0u) printf("unsigned\n"); exit(0); }
