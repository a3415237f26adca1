/* GNU: asm with operands: constraints, modifiers, names, register variables, top-level asm. */
#include <stdio.h>
#include <string.h>
static int add(int a, int b) { __asm__("addl %1, %0" : "+r"(a) : "r"(b) : "cc"); return a; }
static unsigned long rdx(unsigned a, unsigned b) { unsigned lo, hi; asm volatile("mull %3" : "=a"(lo), "=d"(hi) : "0"(a), "rm"(b) : "cc"); return (unsigned long)hi << 32 | lo; }
static int named(int x) { int r; asm("leal %c[k](%q[in]), %[out]" : [out] "=r"(r) : [in] "r"((long)x), [k] "i"(42)); return r; }
static int mem(int *p) { int r; asm volatile("movl %1, %0; incl %1" : "=&r"(r), "+m"(*p) :: "memory"); return r; }
static int jump(int x) { if (x) return 1; return 2; }
static int regvar(int x) { register int a asm("r12") = x; register long b asm("rdi") = 5; asm volatile("addq %1, %q0" : "+r"(a) : "r"(b)); return a; }
static unsigned char byte(unsigned x) { unsigned char r; asm("movb %b1, %0" : "=q"(r) : "Q"(x)); unsigned char h; h = 0; return r + h; }
static int early(int a, int b) { int x, y; asm("movl %2, %0; movl %3, %1" : "=&r"(x), "=r"(y) : "r"(a), "g"(b)); return x * 10 + y; }
static double fadd(double a, double b) { asm("addsd %1, %0" : "+x"(a) : "x"(b)); return a; } static long double x87(long double a) { asm("fchs" : "+t"(a)); return a; }
static int multi(int a) { int r; asm("{movl %1, %0|mov %0, %1}" : "=r"(r) : "r"(a)); return r; }
asm(".pushsection .rodata\nstr_in_asm: .asciz \"from asm\"\n.popsection"); extern const char str_in_asm[];
static int imm(void) { int r; asm("movl $%c1, %0" : "=r"(r) : "n"(sizeof(int) * 3)); return r; } static void copy(void *d, const void *s, unsigned long n) { asm volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) :: "memory"); }
static long sized(void) { char c = 1; short s = 2; long l = 3, m; asm("add%z0 $5, %0\n\tadd%z[s] $6, %[s]\n\tadd%z2 %2, %2" : "+r"(c), [s] "+m"(s), "+r"(l) : : "cc"); asm("mov{q}\t{%1, %0|%0, %1}" : "=r"(m) : "r"(l)); return c + s * 10 + m * 100; }
static int tied(int x, int y) { asm("addl %2, %[sum]" : [sum] "=r"(x) : "[sum]"(x), "r"(y)); asm("" : [a] "=r"(x), [b] "=r"(y) : "[b]"(x), "[a]"(y * 3)); return x * 100 + y; }
int main(void) { int m = 5; printf("%ld %d\n", sized(), tied(3, 4)); char b[6]; copy(b, "hello", 6); printf("%d %lu %d %d %d %d %d\n", add(1,2), rdx(1u<<31, 6), named(3), jump(0), jump(1), regvar(3), byte(0x1234)); printf("%d ", mem(&m)); printf("%d %d %g %Lg %d %s %d %s\n", m, early(1,2), fadd(1.5,2), x87(3), multi(7), str_in_asm, imm(), b); asm volatile("" ::: "memory"); int v; asm("" : "=r"(v) : "0"(9)); printf("%d\n", v); return 0; }
