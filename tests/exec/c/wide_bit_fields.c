/* Arithmetic on bit-fields wider than int is done in their own width. */
#include <stdio.h>

struct S {
    unsigned long long a : 40;
    long long b : 36;
    unsigned long c : 33;
    unsigned d : 32;
    unsigned long e : 32;
    unsigned long f : 20;
    long g : 63;
    unsigned long long h : 64;
    unsigned char k : 7;
} s;

int minus = -1, one = 1;
unsigned five = 5;
long minus3 = -3;

#define P(e) printf("%-28s %llx %d\n", #e, (unsigned long long)(e), (int)sizeof(e))

static void operators(void)
{
    P(s.a << 8); P(s.a * s.a); P(s.a + 0x10000000000); P(s.a + minus); P(s.a == minus); P(s.c == minus);
    P(s.c + 1); P(~s.c); P(-s.c); P(s.a + s.c); P(s.c + s.a); P(s.b + 1); P(s.b * five); P(s.b - s.c);
    P(s.b + s.a); P(s.a + minus3); P(minus3 < s.a); P(s.b < s.a); P(s.c > minus); P(s.d + 1); P(s.e + 16);
    P(s.f << 20); P(s.g - five); P(s.h + 1); P(s.k << 28); P(s.a / minus); P(s.a % 1000); P(s.b >> 1);
    P(s.a >> 3); P(s.a << 3 >> 3); P((s.a, s.a) << 4); P((unsigned long long)s.a << 8); P(+s.a << 8);
    P(s.a | minus); P(s.a ^ -1L); P(!s.a); P(s.a && minus);
}

static void assignments(void)
{
    P(s.a++); P(s.a + 0); P(--s.c); P(s.c += 5); P(s.a <<= 4); P((s.a = 0xffffffffffff) + 1); P((s.c += 1) << 2);
}

static void selections(void)
{
    P(one ? s.a : s.c); P((one ? s.a : s.c) << 8); P((one ? s.a : minus) << 1); P(one ? minus : s.a);
    P((s.a ?: s.c) << 8); P((1 ? s.c : s.a) << 8); P(one ? 1LL : 2L);
    switch (s.c + 0x1ffffffff) {
    case 0: puts("zero"); break;
    default: puts("other");
    }
}

int main(void)
{
    s = (struct S){0xfedcba9876, -5, 0x1ffffffff, 0xffffffff, 0xfffffff0, 0xfffff, -7, ~0ull, 127};
    operators();
    assignments();
    selections();
    int a[3] = {1, 2, 3};
    printf("%g %d\n", s.a + 0.5, *(a + (s.c & 1)));
    return 0;
}
