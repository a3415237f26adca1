/* Constant expressions leave no op: sizes, addresses, floats, conditions, builtins. */
struct s {
    char c;
    int a[4];
} g;
int *p = &g.a[3] - 1;
unsigned long q = (unsigned long)&g + 8;
double d = 1 / 3.0 * 2, inf = __builtin_inf();
int i = sizeof(struct s) == 20 ? -7 / 2 : 1 / 0, n = __builtin_clz(1) + (int)2.9f;
char *t = "text" + 1;

int f(int x)
{
    if (0 && x)
        return 1;
    return 1 ? 5 : x;
}
