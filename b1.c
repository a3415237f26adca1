#include <stdarg.h>
typedef __SIZE_TYPE__ Z;
struct file;
void bcopy(const void *, void *, Z);
int vsprintf(char *, const char *, va_list);
char *strncat(char *, const char *, Z);
int __printf_chk(int, const char *, ...);
int __fprintf_chk(struct file *, int, const char *, ...);
int __vprintf_chk(int, const char *, va_list);
extern char small[4], large[64], *unknown;
#define SIZED(f, d, ...) __builtin___##f##_chk(d, __VA_ARGS__, __builtin_object_size(d, 0))
void f(Z n, int c, const char *text, struct file *f, va_list ap)
{ __vprintf_chk(1, "line\n", ap); }
