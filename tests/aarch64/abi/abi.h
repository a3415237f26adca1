/* The corners of AAPCS64 that random signatures miss: registers that must stay unused once an aggregate went to
 * the stack, even register pairs, homogeneous aggregates on the stack and in variable arguments. */
#include <stdarg.h>

struct f2 { float a, b; };
struct d4 { double a, b, c, d; };
struct q2 { long double a, b; };
struct l2 { long a, b; };
struct i3 { int a, b, c; };
struct big { long a, b, c; };
struct wide { __int128 a; };
struct loose { long a; } __attribute__((aligned(16)));
typedef float v4 __attribute__((vector_size(16)));
struct hv { v4 a, b; };

double floats_full(float, float, float, float, float, float, float, struct f2, float);
long pair_full(int, int, int, int, int, int, int, struct l2, int);
long even_pair(int, struct wide, int, __int128, int);
long wide_full(int, int, int, int, int, int, int, __int128, int);
long loose_even(int, struct loose, struct loose, int);
double big_copied(struct big, struct hv, struct q2, struct big *);
double vectors_full(struct d4, struct hv, struct q2, struct f2, double);
struct i3 give_i3(struct i3);
struct d4 give_d4(struct d4);
struct big give_big(signed char, short, struct big);
signed char narrow(signed char, unsigned short, _Bool);
double variable(const char *kinds, ...);
double variable_late(struct d4, struct d4, int, int, int, int, int, int, struct l2, const char *kinds, ...);
