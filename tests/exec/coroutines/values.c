/* Values of every scalar type, structs, unions, arrays and bit-fields keep their contents across a suspension. */
#include "drive.h"

struct small { char c; short s; };
struct medium { double d; int i; };
struct large { long a[6]; char name[12]; };
struct bits { unsigned a : 3; int b : 7; unsigned long c : 40; };
union number { int i; float f; unsigned char bytes[8]; };

static struct small coroutine_fn make_small(int wait, char c, short s)
{
    struct small result = { c, s };
    later(wait, c);
    return result;
}

static struct medium coroutine_fn make_medium(int wait, double d, int i)
{
    later(wait, i);
    return (struct medium){ d, i };
}

static struct large coroutine_fn make_large(int wait, struct large in)
{
    in.a[5] += later(wait, in.a[0]);
    return in;
}

static double coroutine_fn halve(int wait, double d) { later(wait, (long)d); return d / 2; }
static float coroutine_fn third(int wait, float f) { later(wait, (long)f); return f / 3; }
static signed char coroutine_fn narrow(int wait, int i) { later(wait, i); return (signed char)i; }
static _Bool coroutine_fn truth(int wait, int i) { later(wait, i); return i; }
static const char *coroutine_fn text(int wait) { later(wait, 0); return "text"; }
static unsigned long long coroutine_fn wide(int wait) { later(wait, 0); return 0xfedcba9876543210ull; }

static void coroutine_fn scalars(void *opaque)
{
    int wait = *(int *)opaque;
    char c = 'c';
    unsigned short us = 65535;
    long long ll = -1234567890123ll;
    float f = 1.5f;
    double d = 2.25;
    long double ld = 3.125L;
    const char *s = "string";
    _Bool b = 1;
    int (*call)(const char *) = puts;

    d += halve(wait, 9.0);
    f -= third(wait, 4.5f);
    us -= narrow(wait, 300);
    later(wait, us + truth(wait, 2));
    printf(" %c %u %lld %g %g %Lg %s %d %d", c, us, ll, f, d, ld, s, b, call == puts);
    printf(" %s", text(wait));
    printf(" %llx", wide(wait));
}

static void coroutine_fn aggregates(void *opaque)
{
    int wait = *(int *)opaque;
    struct small small = make_small(wait, 'x', -3);
    struct medium medium = make_medium(wait, 0.5, 7);
    struct large large = { { 1, 2, 3, 4, 5, 6 }, "hello" };
    struct bits bits = { 5, -20, 0xabcdef0123 };
    union number number = { .f = 1.0f };
    int array[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };

    large = make_large(wait, large);
    later(wait, 1);
    array[1][2] = make_medium(wait, 1.0, 66).i;
    bits.b = (int)later(wait, -21);
    printf(" %c%d %g%d %ld%s", small.c, small.s, medium.d, medium.i, large.a[5], large.name);
    printf(" %u %d %lx %x %d", bits.a, bits.b, (unsigned long)bits.c, (unsigned)number.i, array[1][2]);
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("scalars", scalars, &wait);
        drive("aggregates", aggregates, &wait);
    }
}
