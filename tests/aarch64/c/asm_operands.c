/* Inline assembly for aarch64: register classes, modifiers, memory operands, fixed registers. */
#include <stdio.h>

static int add_one(int x)
{
    int y;
    asm("add %w0, %w1, #1" : "=r"(y) : "r"(x));
    return y;
}

static double product(double a, double b)
{
    double r;
    asm("fmul %d0, %d1, %d2" : "=w"(r) : "w"(a), "w"(b));
    return r;
}

static void put(long *to, long value)
{
    asm volatile("str %1, %0" : "=Q"(*to) : "r"(value) : "memory");
}

static long parent(void)
{
    register long number asm("x8") = 173; /* getppid */
    register long result asm("x0");
    asm volatile("svc 0" : "=r"(result) : "r"(number) : "memory", "cc");
    return result;
}

static float second(const float *v, int n)
{
    float copy[n]; /* an object whose size is not constant beside asm: clang makes the code */
    asm volatile("ld1 {v0.4s}, [%1]\n\tst1 {v0.4s}, [%2]" : "=m"(*copy) : "r"(v), "r"(copy) : "v0", "memory");
    return copy[1];
}

int main(void)
{
    float four[] = {1, 2.5, 3, 4};
    long there = 0, seven;

    put(&there, 42);
    asm("mov %0, %1" : "=r"(seven) : "I"(7));
    asm volatile("" ::: "memory");
    printf("%d %g %ld %d %ld %g\n", add_one(4), product(2, 3.5), there, parent() > 0, seven, second(four, 4));
    return 0;
}
