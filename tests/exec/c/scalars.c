/* 6.5: scalar expressions, calls through pointers, wide multiplication, comparisons with NaN. */
extern void abort(void); extern void exit(int); extern int printf(const char*,...); typedef unsigned long size_t; void *memcpy(void*,const void*,size_t); void *memset(void*,int,size_t); int memcmp(const void*,const void*,size_t); int strcmp(const char*,const char*); char *strcpy(char*,const char*); size_t strlen(const char*);
struct a { unsigned int bitfield : 1; }; static int bfcmp(void) { struct a x; x.bitfield = 0; return x.bitfield == 1 ? 1 : (x.bitfield = 1) != 1; }
int dd(int x, int d) { return x / d; } unsigned f1(int diff) { return ((unsigned)(diff < 0 ? -diff : diff)); } 
double ff(unsigned long long x) { return x; } long double fl(unsigned long long x) { return x; } unsigned long long fu(float x) { return x; } 
static int lp(void) { int i, s = 0; for (i = 10; --i >= 0;) s += i; return s; } int rot(unsigned x, int n) { return (x << n) | (x >> (32 - n)); }
typedef struct { int x, y; } P; P mp(int a) { return (P){a, a+1}; } int sump(P p, P q) { return p.x * q.y; } int arr_in_struct(void) { struct { char a[3]; char b; } s = {"xyz", 'w'}, t = s; t.a[1] = 0; return s.a[1] * 100 + t.b; }
int (*fa[3])(int, int) = {dd, 0, dd}; struct fnp { int (*f)(int, int); } fs = {dd}; int callit(struct fnp *p) { return p->f(9, 2) + (*p->f)(8, 3) + (p ? p->f : dd)(7, 7); }
static const char tbl[][5] = {"abcd", "e", ""}; int lens(void) { int r = 0; for (unsigned i = 0; i < sizeof tbl / sizeof tbl[0]; i++) r = r * 10 + strlen(tbl[i]); return r; } 
long long mul(int a, int b) { return (long long)a * b; } unsigned long long umulh(unsigned long long a, unsigned long long b) { return (unsigned __int128)a * b >> 64; }
int cmp3(unsigned char a, signed char b, short c) { return (a > b) + (b < c) * 2 + (a == c) * 4; } void vset(volatile int *p) { *p = 1; *p; (*p)++; *p += *p; }
int side; int se(int x) { side++; return x; } int logic(int a, int b) { int r = se(a) && se(b) || se(a + b); return r * 100 + side; } 
int neg(int x) { return -x < 0 ? ~x : !x; }
enum { X = 5, Y = X * 2 - 1 }; int sw(long long v) { switch (v) { case 0x100000000LL: return 1; case -1: return 2; case Y: return 3; } return 4; }
struct list { struct list *next; int v; } l3 = {0, 3}, l2 = {&l3, 2}, l1 = {&l2, 1}; int suml(struct list *l) { int s = 0; while (l) s = s * 10 + l->v, l = l->next; return s; }
int shadow(int i) { { int i = 3; { extern int side; i += side * 0; } return i; } } static inline int max(int a, int b) { return a > b ? a : b; }
float fsum(float a, float b) { return a + b; } int fcmp(double a, double b) { return (a < b) | (a <= b) << 1 | (a > b) << 2 | (a >= b) << 3 | (a == b) << 4 | (a != b) << 5 | !(a < b) << 6; }
int main() { int v; P p = mp(3); if (bfcmp()) abort(); printf("%d %u %g %Lg %llu %d %x\n", dd(-7, 2), f1(-5), ff(~0ull), fl(~0ull), fu(1e19f), lp(), rot(0x80000001, 4)); printf("%d %d %d %d %lld %llx\n", sump(p, mp(5)), arr_in_struct(), callit(&fs), lens(), mul(1 << 20, 1 << 20), umulh(~0ull, ~0ull)); vset(&v); printf("%d %d ", cmp3(255, -1, -1), v); printf("%d ", logic(1, 0)); printf("%d %d\n", logic(0, 0), neg(5)); printf("%d %d %d %d %d %d\n", sw(1ll << 32), sw(-1), sw(9), sw(1), suml(&l1), shadow(1)); double nan = 0.0 / 0.0; printf("%d %d %d %d %g\n", fcmp(1, 2), fcmp(2, 2), fcmp(nan, 1), max(3, 4), fsum(0.1f, 0.2f)); exit(0); }
