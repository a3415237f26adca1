#include "abi.h"

double floats_full(float a, float b, float c, float d, float e, float f, float g, struct f2 s, float h)
{
    return a + b * 2 + c * 3 + d * 5 + e * 7 + f * 11 + g * 13 + s.a * 17 + s.b * 19 + h * 23;
}

long pair_full(int a, int b, int c, int d, int e, int f, int g, struct l2 s, int h)
{
    return a + b * 2 + c * 3 + d * 5 + e * 7 + f * 11 + g * 13 + s.a * 17 + s.b * 19 + h * 23;
}

long even_pair(int a, struct wide w, int b, __int128 x, int c)
{
    return a + (long)(w.a >> 64) * 2 + (long)w.a * 3 + b * 5 + (long)(x >> 64) * 7 + (long)x * 11 + c * 13;
}

long wide_full(int a, int b, int c, int d, int e, int f, int g, __int128 x, int h)
{
    return a + b * 2 + c * 3 + d * 5 + e * 7 + f * 11 + g * 13 + (long)(x >> 64) * 17 + (long)x * 19 + h * 23;
}

long loose_even(int a, struct loose s, struct loose t, int b)
{
    return a + s.a * 2 + t.a * 3 + b * 5;
}

double big_copied(struct big s, struct hv h, struct q2 q, struct big *same)
{
    double result = s.a + s.b * 2 + s.c * 3 + h.a[1] + h.b[3] * 2 + (double)(q.a - q.b);
    s.a = s.b = s.c = -1; /* the caller's object must not change */
    return result + same->a;
}

double vectors_full(struct d4 s, struct hv h, struct q2 q, struct f2 f, double last)
{
    return s.a + s.d * 2 + h.a[0] * 3 + h.b[3] * 5 + (double)q.b * 7 + f.b * 11 + last * 13;
}

struct i3 give_i3(struct i3 s)
{
    return (struct i3){ s.c, s.a, s.b };
}

struct d4 give_d4(struct d4 s)
{
    return (struct d4){ s.d, s.a, s.b, s.c };
}

struct big give_big(signed char a, short b, struct big s)
{
    return (struct big){ s.c + a, s.a + b, s.b };
}

signed char narrow(signed char a, unsigned short b, _Bool c)
{
    return a + b + c;
}

static double fetch(const char *kinds, va_list list)
{
    double total = 0;
    int weight = 1;

    for (; *kinds; kinds++, weight += 2) {
        switch (*kinds) {
        case 'i': total += weight * va_arg(list, int); break;
        case 'd': total += weight * va_arg(list, double); break;
        case 'q': total += weight * (double)va_arg(list, long double); break;
        case 'w': total += weight * (double)va_arg(list, __int128); break;
        case 'f': { struct f2 s = va_arg(list, struct f2); total += weight * (s.a + 2 * s.b); break; }
        case 'D': { struct d4 s = va_arg(list, struct d4); total += weight * (s.a + 2 * s.b + 3 * s.d); break; }
        case 'h': { struct hv s = va_arg(list, struct hv); total += weight * (s.a[0] + 2 * s.b[3]); break; }
        case 'l': { struct l2 s = va_arg(list, struct l2); total += weight * (s.a + 2 * s.b); break; }
        case '3': { struct i3 s = va_arg(list, struct i3); total += weight * (s.a + 2 * s.c); break; }
        case 'B': { struct big s = va_arg(list, struct big); total += weight * (s.a + 2 * s.c); break; }
        case 'W': { struct wide s = va_arg(list, struct wide); total += weight * (double)s.a; break; }
        case 'A': total += weight * va_arg(list, struct loose).a; break;
        }
    }
    return total;
}

double variable(const char *kinds, ...)
{
    va_list list, copy;

    va_start(list, kinds);
    va_copy(copy, list);
    double total = fetch(kinds, list) + 1000 * fetch(kinds, copy);
    va_end(copy);
    va_end(list);
    return total;
}

double variable_late(struct d4 s, struct d4 t, int a, int b, int c, int d, int e, int f, struct l2 p, const char *kinds,
                     ...)
{
    va_list list;

    va_start(list, kinds);
    double total = fetch(kinds, list) + s.a + t.d * 2 + a + b + c + d + e + f * 3 + p.a * 5 + p.b * 7;
    va_end(list);
    return total;
}
