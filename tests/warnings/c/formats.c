// options: -Wall -Wextra
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
void logs(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void vlogs(const char *format, va_list list) __attribute__((format(printf, 1, 0)));
int reads(const char *format, ...) __attribute__((format(__scanf__, 1, 2)));
enum color { RED };
void good(int i, long l, long long q, size_t z, double d, char c, char *s, void *p, unsigned u, enum color e)
{
    printf("%d %ld %lld %zu %f %c %s %p %u %d %%\n", i, l, q, z, d, c, s, p, u, e);
    printf("%hhd %hd %x %lu %*d %.*s %5.2f %-10s %+d\n", c, i, i, l, i, i, i, s, d, s, i);
    printf("%2$s %1$d\n", i, s);
    printf("%s\n", i ? "a" : "b");
}
void types(int i, long l, double d, char *s, int *p)
{
    printf("%s\n", i); //~ format
    printf("%d\n", l); //~ format
    printf("%ld\n", i); //~ format
    printf("%d\n", d); //~ format
    printf("%f\n", i); //~ format
    printf("%d\n", s); //~ format
    printf("%s\n", p); //~ format
    printf("%p\n", l); //~ format
    printf("%Lf\n", d); //~ format
    printf("%*d\n", l, i); //~ format
    printf("%zu\n", i); //~ format
    printf("%lld\n", l); //~ format
    printf("%c\n", s); //~ format
    printf("%n\n", p);
    printf("%ln\n", p); //~ format
}
void counts(int i)
{
    printf("%d %d\n", i); //~ format
    printf("%d\n", i, i); //~ format-extra-args
    printf("\n", i); //~ format-extra-args
    printf(""); //~ format-zero-length
    printf("%\n"); //~ format
    printf("%y\n", i); //~ format format-extra-args
    fprintf(stderr, "%d\n"); //~ format
    logs(1, "%s\n", i); //~ format
    logs(1, "%d\n", i);
    sprintf((char *)0 + i, i ? "%s" : "%d", i); //~ format
}
void forwards(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vprintf("%d\n", list);
    vlogs("%y\n", list); //~ format
    va_end(list);
}
void scans(int i, int *p, long *l, char *s, float *f, double *d, char **m)
{
    scanf("%d %ld %s %f %lf %10c %[a-z] %ms", p, l, s, f, d, s, s, m);
    scanf("%d", i); //~ format
    scanf("%d", l); //~ format
    scanf("%lf", f); //~ format
    scanf("%f", d); //~ format
    scanf("%s", p); //~ format
    scanf("%d %d", p); //~ format
    scanf("%*d %d", p);
    reads("%hd", p); //~ format
    reads("%[^]] %d", s, p);
}
void chosen(int c)
{
    printf(c ? "%d %d\n" : "%d\n", c, c);
    printf(c ? "%d\n" : "one %d\n", c, c); //~ format-extra-args
}
