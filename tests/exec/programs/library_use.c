/* inline semantics, static storage, recursion, big frames, pointer to member of temporaries,
 * conversions of pointers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>

inline int inl(int x)
{
    return x + 1;
}

extern inline int inl(int x);

static inline int unused(void)
{
    extern int undefined_thing(void);
    return undefined_thing();
}

static int fib(int n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static int count(void)
{
    static int c;

    static struct {
        int a[3];
    } s = { { 1, 2, 3 } };

    s.a[c % 3]++;
    return ++c + s.a[0] + s.a[1] + s.a[2];
}

struct v {
    int a[4];
};

static struct v mk(int k)
{
    struct v r;
    for (int i = 0; i < 4; i++)
        r.a[i] = i * k;
    return r;
}

static int cmp(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static jmp_buf jb;

static void thrower(int n)
{
    if (n == 0)
        longjmp(jb, 7);
    thrower(n - 1);
}

static volatile sig_atomic_t got;

static void onsig(int s)
{
    got = s;
}

typedef struct node {
    struct node *next;
    int v;
} node;

static node *push(node *h, int v)
{
    node *n = malloc(sizeof *n);
    *n = (node){ h, v };
    return n;
}

static unsigned hash(const char *s)
{
    unsigned h = 5381;
    while (*s)
        h = h * 33 ^ (unsigned char)*s++;
    return h;
}

static void swap(int *restrict a, int *restrict b)
{
    int t = *a;
    *a = *b;
    *b = t;
}

static long long gcd(long long a, long long b)
{
    while (b) {
        long long t = a % b;
        a = b;
        b = t;
    }
    return a;
}

int main(int argc, char **argv)
{
    printf("%d %d %d %d\n", inl(1), fib(15), count(), mk(3).a[2]);
    int a[] = { 5, 2, 8, 1, 9, 3 };
    qsort(a, 6, sizeof a[0], cmp);
    for (int i = 0; i < 6; i++)
        printf("%d ", a[i]);
    printf("\n");
    int *k = bsearch(&(int){ 8 }, a, 6, sizeof *a, cmp);
    printf("%td\n", k - a);
    volatile int phase = 0;
    int r = setjmp(jb);
    if (r == 0) {
        phase = 1;
        thrower(5);
    }
    printf("%d %d\n", r, phase);
    signal(SIGUSR1, onsig);
    raise(SIGUSR1);
    printf("%d\n", got == SIGUSR1);
    node *h = 0;
    for (int i = 0; i < 5; i++)
        h = push(h, i * i);
    for (node *n = h, *nx; n; n = nx) {
        printf("%d ", n->v);
        nx = n->next;
        free(n);
    }
    printf("%u\n", hash("hash me"));
    int p = 1, q = 2;
    swap(&p, &q);
    printf("%d %d %lld\n", p, q, gcd(1071, 462));
    errno = 0;
    long big = strtol("999999999999999999999", 0, 10);
    printf("%d %ld\n", errno == ERANGE, big);
    char line[64];
    int n = snprintf(line, sizeof line, "%-5s|%5.2f|%#x|%+d|%05d", "ab", 3.14159, 255, 5, 42);
    printf("%s %d\n", line, n);
    char *dup = strdup(line), *tok;
    for (tok = strtok(dup, "|"); tok; tok = strtok(NULL, "|"))
        printf("[%s]", tok);
    printf("\n");
    free(dup);
    memmove(line + 2, line, 10);
    printf("%.12s\n", line);
    unsigned char bytes[4] = { 0x12, 0x34, 0x56, 0x78 };
    unsigned val;
    memcpy(&val, bytes, 4);
    printf("%x\n", val);
    {
        char b[100000];
        memset(b, 1, sizeof b);
        long s = 0;
        for (size_t i = 0; i < sizeof b; i += 1000)
            s += b[i];
        printf("%ld\n", s);
    }
    printf("%s\n", argc > 0 && argv[argc] == NULL ? "ok" : "bad");
    fputs("done\n", stdout);
    FILE *f = tmpfile();
    if (f) {
        fprintf(f, "%d %s", 12, "word");
        rewind(f);
        int iv;
        char wd[10];
        fscanf(f, "%d %9s", &iv, wd);
        printf("%d %s\n", iv, wd);
        fclose(f);
    }
    exit(3);
}
