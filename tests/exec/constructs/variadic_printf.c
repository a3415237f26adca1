/* A va_list goes to a plain function of the C library after a suspension (not interpreted: vsnprintf). */
#include "construct.h"

#include <stdarg.h>

static void coroutine_fn report(int n, const char *format, ...)
{
    char text[100];
    va_list ap;

    va_start(ap, format);
    while (n--) {
        say("skipped", va_arg(ap, int));
        may_wait();
    }
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    may_wait();
    puts(text);
}

static void coroutine_fn test(void)
{
    report(2, "%s %d %g %c %ld", 10, 20, "text", 30, 4.5, 'x', 60l);
    report(7, "%Lg %d", 1, 2, 3, 4, 5, 6, 7, 8.5L, 9);
}
