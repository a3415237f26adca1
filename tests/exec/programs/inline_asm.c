/* Inline assembly: operands, matching, memory, named operands, clobbers, modifiers, register
 * variables. */
#include <stdio.h>
#include <stdint.h>

static inline void cpuid(unsigned l, unsigned *a, unsigned *b, unsigned *c, unsigned *d)
{
    __asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(l), "c"(0));
}

static long sys3(long n, long a, long b, long c)
{
    long r;
    register long r10 __asm__("r10") = 0;
    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return r;
}

static int bsr(unsigned x)
{
    int r;
    asm("bsrl %1, %0" : "=r"(r) : "rm"(x));
    return r;
}

static uint64_t mulhi(uint64_t a, uint64_t b)
{
    uint64_t h, l;
    asm("mulq %3" : "=a"(l), "=d"(h) : "0"(a), "r"(b) : "cc");
    return h;
}

static int cas(int *p, int o, int n)
{
    char ok;
    asm volatile("lock; cmpxchgl %3, %1\n\tsete %0"
                 : "=q"(ok), "+m"(*p), "+a"(o)
                 : "r"(n)
                 : "memory", "cc");
    return ok;
}

asm(".globl file_asm\nfile_asm:\n\tmovl $77, %eax\n\tret");
int file_asm(void);

int main(void)
{
    int x = 5, y;
    asm("addl %1, %0" : "+r"(x) : "ri"(10));
    asm("leal (%[s],%[s],4), %[d]" : [d] "=r"(y) : [s] "r"(x));
    printf("%d %d\n", x, y);
    printf("%d %lu\n", bsr(0x1234), mulhi(1ul << 63, 6));
    unsigned a, b, c, d;
    cpuid(0, &a, &b, &c, &d);
    printf("%d\n", a > 0);
    int v = 3;
    printf("%d ", cas(&v, 3, 8));
    printf("%d %d\n", v, cas(&v, 3, 9));
    fflush(stdout);
    sys3(1, 1, (long)"sys\n", 4);
    unsigned char lo;
    asm("movb %b1, %0" : "=q"(lo) : "q"(0x1234));
    printf("%x\n", lo);
    asm volatile("" ::: "memory");
    asm volatile("# $dollar %%" : :);
    uint32_t w = 0x11223344;
    asm("bswapl %k0" : "+r"(w));
    printf("%x\n", w);
    double dd = 2.0;
    asm("sqrtsd %1, %0" : "=x"(dd) : "x"(dd));
    printf("%g\n", dd);
    long q = 1;
    asm("movq %c1(%2), %0" : "=r"(q) : "i"(8), "r"((long[]){ 1, 2, 3 }) : "memory");
    printf("%ld %d\n", q, file_asm());
    uint64_t ts;
    unsigned tl, th;
    asm volatile("rdtsc" : "=a"(tl), "=d"(th));
    ts = (uint64_t)th << 32 | tl;
    printf("%d\n", ts > 0);
    return 0;
}
