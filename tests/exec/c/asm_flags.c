/* GNU: asm results that are conditions of the flags ("=@cc..."), of several types, beside other results. */
#include <stdio.h>

static int is_negative(int x)
{
    int r;
    __asm__("testl %1,%1" : "=@ccs"(r) : "r"(x));
    return r;
}

static _Bool add(unsigned long a, unsigned long b, unsigned long *sum)
{
    _Bool carry, zero;
    *sum = a;
    __asm__("addq %3,%0" : "+r"(*sum), "=@ccc"(carry), "=@ccz"(zero) : "r"(b));
    return carry && !zero;
}

int main(void)
{
    unsigned long sum;
    char le;
    long ne;
    unsigned char no;
    int x = 5, old = 5;
    _Bool done;
    printf("%d %d\n", is_negative(-3), is_negative(3));
    int carry = add(-1UL, 2, &sum);
    printf("%d %lu ", carry, sum);
    carry = add(1, 2, &sum);
    printf("%d %lu\n", carry, sum);
    for (int i = -1; i < 2; i++) {
        __asm__("cmpl $0,%3" : "=@ccle"(le), "=@ccne"(ne), "=@ccno"(no) : "r"(i));
        printf("%d %ld %d\n", le, ne, no);
    }
    __asm__ volatile("lock cmpxchgl %3,%1" : "=@ccz"(done), "+m"(x), "+a"(old) : "r"(9) : "memory");
    printf("%d %d %d\n", done, x, old);
    return 0;
}
