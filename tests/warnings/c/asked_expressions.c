/* options: -Wcast-qual -Wbad-function-cast -Wfloat-equal -Wtype-limits -Wchar-subscripts -Wlogical-op -Wduplicated-cond -Wempty-body -Wswitch-enum -Wswitch-default -Wformat-nonliteral -Wformat -Wformat-security */
#include <stdarg.h>
#include <stdio.h>
enum e { A, B, C };
int get(void);
double getd(void);
void *getp(void);
struct s { int x, y; };

int casts(const char *p, volatile int *v, const struct s *cs, long l, int i)
{
    char *q = (char *)p; //~ cast-qual
    int *w = (int *)v; //~ cast-qual
    const int *ok = (const int *)(const void *)p;
    double d = (double)get(); //~ bad-function-cast
    int n = (int)getd(); //~ bad-function-cast
    char *r = (char *)getp();
    long a = (long)getp(); //~ bad-function-cast
    int lost = (int)(long)p;
    int lost2 = (int)p; //~ pointer-to-int-cast
    void *small = (void *)i; //~ int-to-pointer-cast
    void *big = (void *)l;
    int *aligned = (int *)q;
    struct s *t = (struct s *)cs; //~ cast-qual
    return *q + *w + *ok + (int)d + n + *r + (int)a + lost + lost2 + (small == big) + *aligned + t->x;
}

int compares(double d, float f, unsigned u, unsigned char c, _Complex double z, char ch, int *arr)
{
    int n = 0;
    n += d == 0.0; //~ float-equal
    n += f != d; //~ float-equal
    n += z == 1; //~ float-equal
    n += u < 0; //~ type-limits
    n += u >= 0; //~ type-limits
    n += 0 > u; //~ type-limits
    n += 0 <= u; //~ type-limits
    n += arr[ch]; //~ char-subscripts
    n += arr[c];
    n += d < f;
    n += (u > 3 && u > 3); //~ logical-op
    n += (u == 3 || u == 3); //~ logical-op
    n += (get() && get());
    return n;
}

int statements(int x, enum e e)
{
    if (x == 1)
        x = 2;
    else if (x == 2)
        x = 3;
    else if (x == 1) //~ duplicated-cond
        x = 4;
    if (x); //~ empty-body
    if (x)
        x++;
    else; //~ empty-body
    do; while (x++ < 3); //~ empty-body
    while (x++ < 4);
    for (;x < 10; x++);
    switch (e) { //~ switch-enum
    case A: break;
    default: break;
    }
    switch (e) { //~ switch-default
    case A:
    case B:
    case C: break;
    }
    switch (x) { //~ switch-default
    case 1: break;
    }
    return x;
}

const char constant[] = "x";
char variable[] = "y";
void formats(const char *f, va_list ap)
{
    printf(f); //~ format-security
    printf(f, 1); //~ format-nonliteral
    printf(constant);
    printf(variable); //~ format-security
    vprintf(f, ap);
    printf(f ? "a" : "b");
    fprintf(stderr, f); //~ format-security
}

int *local(int p)
{
    int x = p, y[3];
    static int z;
    if (p == 1)
        return &x; //~ return-local-addr
    if (p == 2)
        return y; //~ return-local-addr
    if (p == 3)
        return &p; //~ return-local-addr
    return &z;
}
