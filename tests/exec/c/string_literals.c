/* 6.4.5: string literals: escapes, concatenation, prefixes, sizes, initialisers of arrays and pointers. */
#include <stdio.h>
#include <string.h>
#include <uchar.h>
#include <wchar.h>

static char exact[3] = "abc";
static char longer[8] = "abc";
static char braces[] = {"braced"};
static char parens[] = ("parenthesised");
static const char *pointers[] = {"one", "two" "three", "", "\0hidden"};
static wchar_t wide[] = L"wide\x1234" L"more";
static char16_t utf16[] = u"\u00e9\U0001F600";
static char32_t utf32[] = U"\u00e9\U0001F600";
static char utf8[] = u8"\u00e9\U0001F600\u4e2d";
static char direct[] = "é中";
static wchar_t mixed[] = "a" L"b" "é";
static char nested[2][4] = {"ab", {'c', 'd', 'e', 'f'}};
static struct { char name[4]; int n; } records[] = {{"abcd", 1}, {"x", 2}, {.name = {"yz"}, 3}};
static unsigned char bytes[] = "\xff\x80\1\12\123\1234\x7f" "f";

#define STR2(x) #x
#define STR(x) STR2(x)

static void dump(const char *name, const void *p, size_t n)
{
    printf("%s(%zu)", name, n);
    for (size_t i = 0; i < n; i++)
        printf(" %02x", ((const unsigned char *)p)[i]);
    printf("\n");
}
#define DUMP(x) dump(#x, x, sizeof x)

int main(void)
{
    DUMP(exact); DUMP(longer); DUMP(braces); DUMP(parens); DUMP(wide); DUMP(utf16); DUMP(utf32); DUMP(utf8); DUMP(direct);
    DUMP(mixed); DUMP(nested); DUMP(records); DUMP(bytes);
    for (int i = 0; i < 4; i++)
        printf("%s %zu\n", pointers[i], strlen(pointers[i]));
    printf("%zu %zu %zu %zu %zu\n", sizeof "", sizeof "abc", sizeof L"abc", sizeof u"abc", sizeof "a\0b");
    printf("%c %c %c\n", "hello"[1], *"x", 2["abc"]);
    printf("%s %s\n", STR(a "b\n" '\'' \t), STR(__LINE__));
    printf("%s %s\n", __func__, __FUNCTION__);
    printf("%d\n", (int)sizeof __func__);
    char local[] = "local", longer_local[10] = "xy";
    wchar_t wide_local[4] = L"abcd";
    DUMP(local); DUMP(longer_local); DUMP(wide_local);
    char *p = "modifiable" + 3;
    printf("%s %ls\n", p, L"wide");
    printf("%s" "%%" "\n", "percent");
    printf("%s\n", &"address"[2]);
    printf("%d\n", __builtin_types_compatible_p(__typeof__("abc"), char[4]));
    printf("trigraph-like: ?" "?=\n");
    return 0;
}
