/* Intrinsics need a processor that has them, and constants in range. */
typedef int v4si __attribute__((vector_size(16)));
typedef float v4sf __attribute__((vector_size(16)));
typedef double v4df __attribute__((vector_size(32)));

static inline __attribute__((always_inline, target("avx"))) v4df wide(v4df x) { return x; }

void f(v4sf x, v4df y)
{
    __builtin_ia32_roundps(x, 1); //~ E0349: '__builtin_ia32_roundps' needs a processor with sse4.1
    wide(y); //~ E0349: 'wide' is always_inline and needs a processor with avx
}

void constants(v4sf x, v4df y, int n)
{
    __builtin_ia32_shufps(x, x, n); //~ E0272: argument 3 of '__builtin_ia32_shufps' must be a constant, from 0 to 255
    __builtin_ia32_addss(x, y); //~ E0257: 'double vector of 4' used where 'float vector of 4' is needed
    __builtin_ia32_addss(x); //~ E0268: '__builtin_ia32_addss' takes 2 arguments, not 1
    __builtin_cpu_supports("flying"); //~ E0272: the argument of '__builtin_cpu_supports' is nothing that it knows
}

__attribute__((target("avx2"))) void g(v4df x, v4si i, int n)
{
    wide(x);
    __builtin_ia32_gathersiv4df(x, &x, i, x, 3); //~ E0272: argument 5 of '__builtin_ia32_gathersiv4df' must be a constant, 1, 2, 4 or 8
}
