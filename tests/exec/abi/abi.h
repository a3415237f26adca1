/* The functions that caller.c and callee.c exchange: each type in its own way through the System V
 * convention.  X(type, name) lists the types; every function returns its argument, changed. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct c1 { char a; };
struct c3 { char a[3]; };
struct c5 { char a[5]; };
struct s7 { short a[7]; };
struct i2 { int a, b; };
struct i3 { int a, b, c; };
struct l2 { long a, b; };
struct l3 { long a, b, c; };
struct f1 { float a; };
struct f2 { float a, b; };
struct f3 { float a, b, c; };
struct f4 { float a[4]; };
struct d1 { double a; };
struct d2 { double a, b; };
struct fi { float a; int b; };
struct ff_i { float a, b; int c; };
struct id { int a; double b; };
struct dc { double a; char b; };
struct ld { long double a; };
struct ls { long double a; short b; };
struct bits { unsigned a : 5, b : 30; long c : 40; };
struct packed { char a; long b; } __attribute__((packed));
struct full_bits { char a; int b : 32; } __attribute__((packed));
struct long_bits { char a; long b : 64; } __attribute__((packed));
struct unnamed_bits { int : 7; };
union unnamed_union { int : 7; } __attribute__((aligned(64)));
struct float_bits { float a; int : 32; };
struct zero_bits { int : 0; double a; };
union zero_bits_union { double a; int : 0; };
struct aligned { int a; } __attribute__((aligned(16)));
struct wide { __int128 a; };
struct nest { struct f2 a; struct { short b; char c[3]; } d; };
union ud { double a; long b; };
union uf { float a; char b[3]; };
union ul { long double a; int b; };
typedef float v4f __attribute__((vector_size(16)));
typedef int v2i __attribute__((vector_size(8)));
struct vec { v4f a; };
union int_vec { v4f a; int b; };
typedef _Complex float cf;
typedef _Complex double cd;
typedef _Complex long double cl;
typedef __int128 i128;
typedef long double ldouble;
typedef unsigned char uchar;
typedef _Float128 f128;

#define TYPES(X)                                                                                   \
    X(struct c1, c1)                                                                               \
    X(struct c1, größe)                                                                            \
    X(struct c3, c3)                                                                               \
    X(struct c5, c5)                                                                               \
    X(struct s7, s7)                                                                               \
    X(struct i2, i2)                                                                               \
    X(struct i3, i3)                                                                               \
    X(struct l2, l2)                                                                               \
    X(struct l3, l3)                                                                               \
    X(struct f1, f1)                                                                               \
    X(struct f2, f2)                                                                               \
    X(struct f3, f3)                                                                               \
    X(struct f4, f4)                                                                               \
    X(struct d1, d1)                                                                               \
    X(struct d2, d2)                                                                               \
    X(struct fi, fi)                                                                               \
    X(struct ff_i, ff_i)                                                                           \
    X(struct id, id)                                                                               \
    X(struct dc, dc)                                                                               \
    X(struct ld, ld)                                                                               \
    X(struct ls, ls)                                                                               \
    X(struct bits, bits)                                                                           \
    X(struct packed, packed)                                                                       \
    X(struct full_bits, full_bits)                                                                 \
    X(struct long_bits, long_bits)                                                                 \
    X(struct unnamed_bits, unnamed_bits)                                                           \
    X(union unnamed_union, unnamed_union)                                                          \
    X(struct float_bits, float_bits)                                                               \
    X(struct zero_bits, zero_bits)                                                                 \
    X(union zero_bits_union, zero_bits_union)                                                      \
    X(struct aligned, aligned)                                                                     \
    X(struct wide, wide)                                                                           \
    X(struct nest, nest)                                                                           \
    X(union ud, ud)                                                                                \
    X(union uf, uf)                                                                                \
    X(union ul, ul)                                                                                \
    X(v4f, v4f)                                                                                    \
    X(v2i, v2i)                                                                                    \
    X(struct vec, vec)                                                                             \
    X(union int_vec, int_vec)                                                                      \
    X(cf, cf)                                                                                      \
    X(cd, cd)                                                                                      \
    X(cl, cl)                                                                                      \
    X(i128, i128)                                                                                  \
    X(f128, f128)                                                                                  \
    X(ldouble, ldouble)                                                                            \
    X(_Bool, bool)                                                                                 \
    X(uchar, uchar)                                                                                \
    X(short, short)

/* How many bytes of a type's image mean something: all but tail padding that calls do not keep. */
#define SIGNIFICANT(type)                                                                          \
    _Generic((type *)0,                                                                            \
        struct ld *: 10,                                                                           \
        union ul *: 10,                                                                            \
        ldouble *: 10,                                                                             \
        struct ls *: 10,                                                                           \
        cl *: 10,                                                                                  \
        struct dc *: 9,                                                                            \
        struct ff_i *: 12,                                                                         \
        struct unnamed_bits *: 0,                                                                  \
        union unnamed_union *: 0,                                                                  \
        struct float_bits *: 4,                                                                    \
        struct aligned *: 4,                                                                       \
        struct id *: 4,                                                                            \
        struct nest *: 13,                                                                         \
        union uf *: 4,                                                                             \
        default: sizeof(type))

#define DECLARE(type, name)                                                                        \
    type alone_##name(type v);                                                                     \
    type late_##name(long a, double b, long c, long d, double e, long f, type v, long g, type w);  \
    void listed_##name(int n, ...);
TYPES(DECLARE)

static inline void show(const char *name, const void *image, unsigned long size)
{
    const unsigned char *bytes = image;
    printf("%s", name);
    for (unsigned long i = 0; i < size; i++)
        printf(" %02x", bytes[i]);
    printf("\n");
}
