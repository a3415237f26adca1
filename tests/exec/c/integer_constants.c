/* 6.4.4.1: the type of an integer constant follows its value, base and suffix. */
#include <stdio.h>

#define NAME(x) _Generic((x), int : "int", unsigned : "uint", long : "long", unsigned long : "ulong", \
    long long : "llong", unsigned long long : "ullong", char : "char", default : "other")
#define SHOW(x) printf("%s: %s %zu %d\n", #x, NAME(x), sizeof(x), (x) == 0)

int main(void)
{
    SHOW(0); SHOW(2147483647); SHOW(2147483648); SHOW(0x7fffffff); SHOW(0x80000000); SHOW(0xffffffff);
    SHOW(0x100000000); SHOW(037777777777); SHOW(040000000000); SHOW(1u); SHOW(4294967295U); SHOW(4294967296U);
    SHOW(1l); SHOW(1L); SHOW(1ul); SHOW(1LU); SHOW(1ll); SHOW(1LL); SHOW(1ull); SHOW(1LLU); SHOW(1uLL);
    SHOW(9223372036854775807); SHOW(0x7fffffffffffffff); SHOW(0x8000000000000000); SHOW(0xffffffffffffffff);
    SHOW(18446744073709551615u); SHOW(0b101); SHOW(0B11111111111111111111111111111111); SHOW('a'); SHOW('ab');
    SHOW('\377'); SHOW('\xff'); SHOW('\0'); SHOW(L'a'); SHOW(u'a'); SHOW(U'a'); SHOW(-2147483648); SHOW(-1u);
    printf("%d %d %d %d %d\n", 'ab', 'abc', 'abcd', '\377', '\x80');
    printf("%d %d %d %d %d %d %d\n", '\a', '\b', '\f', '\n', '\r', '\t', '\v');
    printf("%d %d %d %d %d %d\n", '\'', '\"', '\?', '\\', '\e', '\1234' & 0xff);
    printf("%d %d %d\n", L'\x1234', u'\xffff', (int)U'\U0001F600');
    printf("%d\n", 0x1F + 017 + 0b1010 + 10);
    return 0;
}
