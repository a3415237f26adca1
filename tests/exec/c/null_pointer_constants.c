/* C11 6.6p6 and 6.3.2.3p3: what has the form of an integer constant expression, told by the type of a conditional. */
#include <stdio.h>

#define FORM(e) __builtin_types_compatible_p(typeof(0 ? ((void *)((long)(e) * 0l)) : (int *)1), int *)
#define SHOW(e) printf("%d %s\n", (int)FORM(e), #e);

enum { FOUR = 4 };
struct s { int a, b; };
static const int constant = 4;
static unsigned square(unsigned n) { return n * n; }

int main(void)
{
    int x = 5, array[3], variable[x];
    SHOW(4) SHOW(3.2) SHOW((int)3.2 + 1) SHOW('a') SHOW(L'a') SHOW(FOUR) SHOW(-1) SHOW(!0) SHOW(~1) SHOW((char)300)
    SHOW(sizeof(int)) SHOW(sizeof x) SHOW(sizeof array) SHOW(sizeof variable) SHOW(_Alignof(int))
    SHOW(__builtin_offsetof(struct s, b)) SHOW((long)&((struct s *)0)->b)
    SHOW(1 ? 2 : 3) SHOW(1 ? 2 : x) SHOW(x ? 1 : 1) SHOW(1 ?: 2) SHOW(0 && x) SHOW(1 || x) SHOW(1 || 0)
    SHOW(x * 0) SHOW(x & 0) SHOW(x - x) SHOW(x = 3) SHOW((int){3}) SHOW(constant) SHOW(square(2))
    SHOW(({ x++; 0; })) SHOW(({ 0; })) SHOW((square(x), 3)) SHOW(((3, 2, 1)))
    SHOW(1.0 < 2.0) SHOW(!1.5) SHOW((int)+1.5) SHOW((int)1.5f + 2)
    SHOW(__builtin_constant_p(x)) SHOW(__builtin_choose_expr(1, 2, x)) SHOW(__builtin_popcount(3))
    SHOW(_Generic(x, int: 3, default: x)) SHOW(__builtin_types_compatible_p(int, int)) SHOW(__extension__ 4)
    return 0;
}
