/* System V: structs in pieces, in memory, and results behind sret; variadic calls. */
struct small {
    int a;
    double b;
};
struct large {
    long a[3];
};
struct large make(struct small s, struct large l, signed char c);
int printf(const char *, ...);

long use(struct small *s)
{
    struct large l = make(*s, (struct large){ { 1 } }, -1);
    printf("%d\n", 1.5f);
    return l.a[2];
}
