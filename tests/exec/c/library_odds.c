/* Comparisons of no characters, copies of small objects beside a memcpy of one's own, alignment of functions. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct flexible { int a; char b[]; };
union fixed { struct flexible a; char b[sizeof(struct flexible) + 11]; };
static union fixed f = {{1, "1234567890"}};
struct block { char text[24]; };
int calls;
void aligned(void) __attribute__((aligned(64)));
void aligned(void) {}
static int side(void) { return ++calls; }

int main(void)
{
    const char *a = "abc", *c = "xyz";
    struct block x = {"zero"}, y = x, z = {{0}};
    y.text[0] = 'h';
    printf("%d %d %d\n", strncmp(a++, c, 0), memcmp(a, c--, 0), strncasecmp(a + side(), c, 0));
    printf("%s %d %s %s %d %d\n", a, calls, x.text, y.text, z.text[5], (int)__alignof__(aligned));
    printf("%d %s %d\n", f.a.a, f.a.b, (int)sizeof f);
    return 0;
}
