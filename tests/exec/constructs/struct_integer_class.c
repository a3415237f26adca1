/* Structs of the INTEGER class, of every size up to two registers, as arguments and results. */
#include "construct.h"

struct s1 { char c; };
struct s3 { char c[3]; };
struct s5 { int i; char c; };
struct s8 { long l; };
struct s12 { int a, b, c; };
struct s13 { char c[13]; };
struct s16 { long a; int *p; };

#define ROUND(type) \
    static struct type coroutine_fn f_##type(struct type x) \
    { \
        unsigned char *p = (unsigned char *)&x; \
        may_wait(); \
        p[0] ^= 1; \
        p[sizeof x - 1] += 2; \
        return x; \
    } \
    static long coroutine_fn g_##type(long seed) \
    { \
        struct type x; \
        long sum = 0; \
        memset(&x, (int)seed, sizeof x); \
        x = f_##type(x); \
        struct type y = f_##type(f_##type(x)); \
        for (unsigned i = 0; i < sizeof x; i++) { \
            sum = sum * 5 + ((unsigned char *)&x)[i] + ((unsigned char *)&y)[i]; \
        } \
        return sum; \
    }
ROUND(s1) ROUND(s3) ROUND(s8) ROUND(s12) ROUND(s13) ROUND(s16)

static struct s5 coroutine_fn five(struct s5 x) { may_wait(); x.i++, x.c--; return x; }

static void coroutine_fn test(void)
{
    say("s1", g_s1(11)), say("s3", g_s3(12)), say("s8", g_s8(13));
    say("s12", g_s12(14)), say("s13", g_s13(15)), say("s16", g_s16(16));
    struct s5 a = five((struct s5){ 5, 'x' });
    say("s5", a.i * 1000 + a.c);
    say("member", five(a).i + five(five(a)).c);
}
