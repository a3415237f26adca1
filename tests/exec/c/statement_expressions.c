/* A statement expression as the last statement of another one gives its value; a block there does not. */
#include <stdio.h>

struct pair { int x, y; } whole;
int calls, y;

static void count(void) { calls++; }
static struct pair make(void) { return (struct pair){3, 7}; }
__attribute__((noinline)) static int hinted(int z) { return __builtin_expect(calls ? y != 0 : 0, z++) ? 7 : z; }

int main(void)
{
    *({ ({ count(); &whole; }); }) = make();
    int r = ({ int x = 3; { x = 4; } x; });
    ({ count(); });
    printf("%d %d %d %d\n", whole.x, whole.y, r, ({ ({ ({ r + 1; }); }); }));
    ({ if (r) puts("last is no expression"); });
    printf("%d %d\n", calls, hinted(10));
    return 0;
}
