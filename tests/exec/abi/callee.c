/* The called half: see abi.h. */
#include "abi.h"

#define DEFINE(type, name)                                                                         \
    type alone_##name(type v)                                                                      \
    {                                                                                              \
        show("in " #name, &v, SIGNIFICANT(type));                                                  \
        return v;                                                                                  \
    }                                                                                              \
    type late_##name(long a, double b, long c, long d, double e, long f, type v, long g, type w)   \
    {                                                                                              \
        printf("%ld %g %ld %ld %g %ld %ld\n", a, b, c, d, e, f, g);                                \
        show("v " #name, &v, SIGNIFICANT(type));                                                   \
        show("w " #name, &w, SIGNIFICANT(type));                                                   \
        return w;                                                                                  \
    }
TYPES(DEFINE)
#define LISTED(type, name, passed)                                                                 \
    void listed_##name(int n, ...)                                                                 \
    {                                                                                              \
        va_list list;                                                                              \
        va_start(list, n);                                                                         \
        for (int i = 0; i < n; i++) {                                                              \
            passed v = va_arg(list, passed);                                                       \
            show("listed " #name, &v, SIGNIFICANT(type));                                          \
            printf("%d %g\n", va_arg(list, int), va_arg(list, double));                            \
        }                                                                                          \
        va_end(list);                                                                              \
    }
#define LISTED_AS_IS(type, name) LISTED(type, name, __typeof__(_Generic((type *)0,                \
    _Bool *: 0, uchar *: 0, short *: 0, default: *(type *)0)))
TYPES(LISTED_AS_IS)
