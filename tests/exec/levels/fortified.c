/* Every kind of object filled to its end: what -D_FORTIFY_SOURCE=3 checks must not stop any of it. */
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>
#include <alloca.h>

struct t1 { long n; char tail[1]; };
struct t3 { long n; char tail[3]; };
struct fl { int n; char d[]; };
struct in { int a; struct t3 t; };
union u { long l; char c[1]; struct { char q; char r[2]; } s; };
struct hdr { char a[4]; char b[4]; };
struct fl sf = {1, "static flexible"};

static __attribute__((noinline)) void fill(struct t1 *a, struct t3 *b, struct fl *c, union u *u, const char *s)
{
    strcpy(a->tail, s);
    strcpy(b->tail, s);
    strcpy(c->d, s);
    strcpy(u->c, s);
    strcpy(u->s.r, s);
    printf("%s %s %s %s\n", a->tail, b->tail, c->d, u->s.r);
}

static __attribute__((noinline)) char *grow(char *p, size_t n)
{
    char *q = realloc(p, n);
    memset(q + n / 2, 'x', n - n / 2);
    q[n - 1] = 0;
    return q;
}

static void chain(int n)
{
    char buf[n];
    char *p = buf;
    for (int i = 0; i < n - 1; i++) p = stpcpy(p, "z");
    printf("%zu\n", strlen(buf));
    p = buf + n;
    p -= n;
    memset(p, 'q', n);
    p = &buf[n / 2];
    memcpy(p, "ab", 2);
    memset(p - n / 2, 'r', n);
    printf("%c\n", buf[0]);
    char *al = alloca(n * 2);
    memset(al, 1, n * 2);
    char *e = al + n;
    memset(e - n, 2, 2 * n);
    printf("%d\n", al[2 * n - 1]);
}

static __attribute__((noinline)) void sel(int k, int m)
{
    char small[4], big[40];
    char *p = k ? small : big;
    for (int i = 0; i < m; i++) p = big;
    strcpy(p, m ? "a long string" : "abc");
    printf("%s\n", p);
    char *q = malloc(k ? 10 : 20);
    char *r = k ? q + 5 : q;
    if (!k) r = realloc(q, 50), q = r;
    strcpy(r, k ? "four" : "something longer than twenty");
    printf("%s\n", r);
    free(q);
}

static void two(void)
{
    struct { char a[8], b[8]; } s;
    memcpy(&s, "0123456789abcdef", 16);
    memset((char *)&s + 4, 'y', 12);
    memcpy(s.a, "12345678", 8);
    char *p = s.b;
    p -= 8;
    memset(p, 'k', 16);
    printf("%.16s\n", s.a);
    struct hdr h[3];
    memset(h, 0, sizeof h);
    memset(&h[1], 'h', 2 * sizeof *h);
    memcpy(h[0].a, "abc", 4);
    struct hdr *hp = h;
    for (int i = 0; i < 3; i++, hp++) snprintf(hp->b, sizeof hp->b, "%d", i);
    printf("%s %.4s %s\n", h[0].b, h[1].a, h[2].b);
    hp = h + 3;
    hp--;
    hp--;
    strcpy(hp->a, "up");
    printf("%s\n", h[1].a);
}

static __attribute__((noinline)) void loop(char *b, int n)
{
    char *e = b + 3;
    while (n-- > 0) e++;
    memset(e - 3, 'L', 3);
    *e = 0;
}

static void in2(struct in *p)
{
    strcpy(p->t.tail, "ab");
    memset(&p->t, 0, sizeof p->t);
}

int main(int argc, char **argv)
{
    struct t1 *a = malloc(100);
    struct t3 *b = malloc(100);
    struct fl *c = malloc(100);
    union u *u = malloc(100);
    fill(a, b, c, u, "a string that is longer");
    fill(a, b, c, u, argv[0] ? "hi" : "");
    char *g = grow(malloc(10), 100 * argc);
    printf("%zu\n", strlen(g + 50));
    g = grow(g, 1000 * argc);
    printf("%c\n", g[600]);
    chain(20 + argc);
    sel(argc, 1);
    sel(0, 0);
    sel(0, argc);
    sel(argc - 1, 0);
    two();
    memcpy(sf.d, "STATIC", 6);
    printf("%s\n", sf.d);
    char lb[64];
    memset(lb, '.', 63);
    lb[63] = 0;
    loop(lb, 20);
    printf("%s\n", lb);
    struct in i1;
    in2(&i1);
    char m2[3][4];
    memset(m2[0], 'm', 12);
    strcpy(m2[1], "abc");
    char *mp = m2[0];
    strcpy(mp + 4, "abc");
    printf("%.3s\n", m2[1]);
    wchar_t w[10];
    wcscpy(w, L"wide");
    swprintf(w + 4, 6, L"%d", 42);
    printf("%ls\n", w);
    char cat[20] = "x";
    for (int i = 0; i < 5; i++) strcat(cat, "yz"), strncat(cat, "w123", 1);
    printf("%s\n", cat);
    FILE *f = fopen("/dev/null", "r");
    char rb[16];
    printf("%zu %d\n", fread(rb, 1, 16, f), (int)read(fileno(f), rb, 16));
    fgets(rb, 16, f);
    sprintf(rb, "%s-%d", "ok", 5);
    puts(rb);
    char *end = rb + sizeof rb;
    memset(end - 8, 0, 8);
    char **ap = calloc(argc + 2, sizeof *ap);
    memcpy(ap, argv, argc * sizeof *ap);
    memmove(ap + 1, ap, argc * sizeof *ap);
    puts(ap[1] ? "args" : "");
    return 0;
}
