/* What gcc lets pass in declarations: members without a last semicolon, parameters named like types, qualifiers alone. */
#include <stdio.h>

typedef int x;
typedef union { const int *i; const char *c; } any __attribute__((transparent_union));
enum kind { ONE, TWO };
struct last { _Bool flag; enum kind kind };
int call(int (*x)(void)) { return x(); }
int taken(any);
int taken(const int *p) { return *p; }
static int three(void) { return 3; }
int jump(int n)
{
    void *to = n ? &&inside : &&out;
    n = 1 ? 10 : ({ inside: 20; });
    if (n == 10) {
        n = 5;
        goto *to;
    }
out:
    return n;
}

static int told;
int early(int n) { later(n); return told; } /* declares later() as it calls it */
void later(int n) { told = n * 3; }
void *(*const get)(unsigned long) = __builtin_malloc;
static __typeof(__builtin_strlen) *measure;
static double parts(double d) { __real__ d *= 7; return d + __imag__ d; }

int main(void)
{
    struct last l = {1, TWO};
    const int five = 5;
    typedef int big __attribute__((vector_size(128)));
    big v = {1, 2, 3}, w = v + 1;
    printf("%d %d %d %d %d\n", l.kind, call(three), taken(&five), jump(0), *(const *)&five);
    printf("%d %d %d\n", (int)sizeof v, w[2], w[31]);
    measure = __builtin_strlen;
    printf("%d %d %d %g\n", early(4), get(1) != 0, (int)measure("three"), parts(2));
    return 0;
}
