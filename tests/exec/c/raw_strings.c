/* GNU: raw string literals, with marks, prefixes, quotes, line ends and beside ordinary ones. */
#include <stdio.h>
#include <string.h>
#define SHOW(s) printf("%d [%s] %zu\n", __LINE__, (const char *)s, sizeof s)
#define TEXT(s) #s
static const char plain[] = R"(a\n"b"\
c)" "\n" R"(d)", marked[] = R"x"*(one)" )x" )x"*", empty[] = R"()";
static const unsigned short wide[] = uR"(é\x41)";
int main(void)
{
    SHOW(plain); SHOW(marked); SHOW(empty); SHOW(u8R"-(ü ' /* no comment */ // nor here)-");
    SHOW(R"(first line
  # second "line"
    third)");
    printf("%d %x %x %zu\n", __LINE__, wide[0], wide[1], sizeof wide / 2);
    int R = 3, uR = 4;
    printf("%d %c %s\n", R + uR, 'R', "R\"(not raw)\"" R"(raw)");
    puts(TEXT(R"(in a macro \ argument)"));
    return sizeof LR"(w
)" != 3 * sizeof(int) || strcmp(R"("")", "\"\"");
}
