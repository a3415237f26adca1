/* Pointers, arrays, multi-dimensional arrays, function pointers, strings. */
#include <stdio.h>
#include <stddef.h>
#include <string.h>
static int a[3][4] = { { 1, 2 }, { [2] = 7 }, 9, 10 };
static char s1[] = "abc", s2[5] = "xy", s3[3] = "xyz";
static const char *t[] = { "one", "two", [4] = "five" };
static int *p = &a[1][2], *q = (int *)a + 5;
static char *e = s1 + sizeof s1 - 1;

static int add(int x, int y)
{
    return x + y;
}

static int sub(int x, int y)
{
    return x - y;
}

static int (*ops[])(int, int) = { add, &sub, *add };
typedef int (*binop)(int, int);

static binop pick(int i)
{
    return ops[i];
}

static int apply(int f(int, int), int x, int y)
{
    return f(x, y) + (*f)(x, y) + (**f)(x, y);
}

static int sum(int n, int v[n][4])
{
    int r = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 4; j++)
            r += v[i][j];
    return r;
}

int main(void)
{
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 4; j++)
            printf("%d ", a[i][j]);
    }
    printf("\n");
    printf("%d %d %td %d\n", *p, *q, p - q, *e);
    printf("%zu %zu %zu %zu %s %.3s\n", sizeof s1, sizeof s2, sizeof s3, sizeof t / sizeof *t, s2,
           s3);
    for (int i = 0; i < 5; i++)
        printf("%s ", t[i] ? t[i] : "-");
    printf("\n");
    printf("%d %d %d %d\n", ops[0](3, 4), (*ops[1])(3, 4), pick(2)(1, 1), apply(sub, 9, 4));
    printf("%d %d %d\n", sum(3, a), 2 [a[0]], *(*(a + 1) + 2));
    int *r = a[0];
    r += 3;
    printf("%d ", *r);
    r--;
    printf("%d %d %d\n", r[0], r[-1], r > a[0]);
    char buf[10];
    char *w = buf;
    for (const char *c = "hello"; (*w++ = *c++);)
        ;
    printf("%s %td\n", buf, w - buf);
    int (*row)[4] = a;
    row++;
    printf("%d %zu\n", (*row)[2], sizeof *row);
    void *v = &a[2][1];
    printf("%d %d\n", *(int *)v, v == (char *)a + 36);
    int **pp = &(int *){ &a[0][1] };
    printf("%d\n", **pp);
    printf("%d %d\n", p == &a[1][2], p != NULL);
    printf("%s\n", &"offset"[3]);
    printf("%d\n", (int)strlen("a"
                               "bc"
                               "\0d"));
    printf("%zu\n", sizeof "a\0b");

    struct {
        int n;
        char c[];
    } *fl = (void *)buf;

    (void)fl;
    printf("%zu\n", sizeof *fl);
    unsigned long u = (unsigned long)&a[1][0] - (unsigned long)a;
    printf("%lu\n", u);
    int (*fp)(const char *, ...) = printf;
    fp("%d %s\n", 5, __func__);
    const wchar_t *ws = L"w\u00e9";
    printf("%d %d\n", ws[1], (int)sizeof(L"ab"));
    return 0;
}
