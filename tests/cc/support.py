"""What the table in README says of C, as a program for each row: (standard or GNU C, feature, snippet).

The snippet of a supported row compiles without a diagnostic; that of an unsupported one gives exactly the code that
the row names, and no other error.
"""

from __future__ import annotations

CO = "#include <qemu/coroutine.h>\n"

SUPPORTED = (
    ("C11", "integer, floating and `_Complex` types, `long double`", "_Complex double z; long double l = 1.5L;"),
    ("C11", "`_Bool`, enumerations, bit-fields", "enum e { A, B } e; struct { _Bool b : 1; unsigned n : 7; } s;"),
    (
        "C11",
        "wide, UTF-8, UTF-16 and UTF-32 strings",
        'const int *w = L"w"; const unsigned short *u = u"u"; const unsigned *U = U"U"; const char *p = u8"p";',
    ),
    (
        "C11",
        "designated initialisers, compound literals",
        "struct p { int x, y[3]; } p = {.y = {[1] = 2}}; struct p *q = &(struct p){.x = 1};",
    ),
    (
        "C11",
        "variable length arrays",
        "int f(int n, int a[n][n]) { int b[n]; b[0] = a[1][0]; return sizeof b + b[0]; }",
    ),
    (
        "C11",
        "flexible array members, anonymous structs and unions",
        "struct s { int n; union { int i; float f; }; char data[]; } s;",
    ),
    ("C11", "`_Atomic`, `<stdatomic.h>`", "#include <stdatomic.h>\natomic_int n; int f(void) { return n++; }"),
    ("C11", "`_Thread_local`", "_Thread_local int t; int f(void) { return t; }"),
    (
        "C11",
        "`_Generic`, `_Static_assert`, `_Alignas`, `_Alignof`, `_Noreturn`",
        '_Static_assert(_Alignof(int) == 4, ""); _Alignas(64) int a; int g = _Generic(a, int: 1, default: 2);'
        " _Noreturn void stop(void);",
    ),
    (
        "C11",
        "`inline`, `restrict`, `volatile`",
        "inline int i(int *restrict p) { return *p; } volatile int v; int f(void) { return v; }",
    ),
    (
        "C11",
        "`<fenv.h>`: exceptions, rounding modes, `#pragma STDC FENV_ACCESS`",
        "#include <fenv.h>\n#pragma STDC FENV_ACCESS ON\nint f(double x) { return x < 1 || fetestexcept(1); }",
    ),
    ("C11", "`setjmp` in plain functions", "#include <setjmp.h>\njmp_buf b; int f(void) { return setjmp(b); }"),
    (
        "C89",
        "old-style definitions, implicit `int`, tentative definitions",
        "int f(a, b) int a; char b; { return a + b; } int t; int t;",
    ),
    (
        "C23",
        "`[[attributes]]`, `typeof`, `bool`, `true`, `nullptr`, `static_assert`, binary constants, digit separators",
        "[[maybe_unused]] static int a; static_assert(0b11 == 3); bool b = true; typeof(b) c;"
        " int n = 1'000; void *p = nullptr;",
    ),
    (
        "C23",
        "`auto`, `constexpr` objects, `enum e : type`, empty initialisers, unnamed parameters",
        "constexpr int n = 3; enum e : char { A }; int f(int) { auto x = n; int y[2] = {}; return x + y[0]; }",
    ),
    (
        "GNU",
        "statement expressions, `typeof`, `__auto_type`, `a ?: b`",
        "int f(int x) { __auto_type y = ({ typeof(x) z = x; z ?: 1; }); return y; }",
    ),
    (
        "GNU",
        "nested functions, pointers to them, jumps out of them",
        "int h(int (*)(int)); int f(int x) { __label__ l; int g(int y) { if (y) { goto l; } return x + y; }"
        " return g(2) + h(g); l: return 0; }",
    ),
    (
        "GNU",
        "labels as values, computed `goto`, `__label__`",
        "int f(int n) { __label__ a, b; void *t[] = {&&a, &&b}; goto *t[n]; a: return 1; b: return 2; }",
    ),
    ("GNU", "raw string literals", 'const char *p = R"x(a\\b)" )x";'),
    (
        "GNU",
        "`case 1 ... 9`, array ranges, empty structs, arrays of length 0",
        "int a[] = {[0 ... 3] = 1}; struct e {}; int z[0];"
        " int f(int x) { switch (x) { case 1 ... 9: return 1; } return 2; }",
    ),
    (
        "GNU",
        "functions called as on Windows: attribute `ms_abi`, `__builtin_ms_va_list`",
        "__attribute__((ms_abi)) int f(int n, ...) { __builtin_ms_va_list l; __builtin_ms_va_start(l, n);"
        " return __builtin_va_arg(l, int) + f(2, 3); }",
    ),
    (
        "GNU",
        "inline `asm` with operands, asm labels, file-scope `asm`",
        'int g(void) asm("h"); asm(".globl k\\nk:"); int f(int x) { asm("incl %0" : "+r"(x)); return x; }',
    ),
    (
        "GNU",
        "`asm goto`, with results too",
        'int f(int x) { asm goto("incl %0; jz %l[zero]" : "+r"(x) : : "cc" : zero); return x; zero: return 7; }',
    ),
    ("GNU", "`__int128`, `_Float128`, vectors", "__int128 i; _Float128 q; int v __attribute__((vector_size(16)));"),
    (
        "GNU",
        "attributes: `aligned` `packed` `section` `visibility` `weak` `alias` `weakref` `ifunc` `symver` `cleanup`"
        " `constructor` ...",
        "void c(int *p); void f(void) { int x __attribute__((cleanup(c))) = 1; (void)x; }"
        ' int w __attribute__((weak, section(".d"), visibility("hidden")));'
        ' void a(void) __attribute__((alias("f")));',
    ),
    (
        "GNU",
        "`__builtin_*`: bits, overflow, atomics, `__sync_*`, `va_*`, `object_size`, `choose_expr` ...",
        "int f(int a, int *p) { __sync_fetch_and_add(p, 1);"
        " return __builtin_add_overflow(a, 1, p) + __builtin_popcount(a) + __builtin_ctz(a); }",
    ),
    (
        "GNU",
        "intrinsics of SSE to AVX2, FMA, AES, BMI ..., of clocks, `xsave`, cache lines ...; attribute and pragma"
        " `target`, `__builtin_cpu_supports`",
        "#include <immintrin.h>\n"
        '__attribute__((target("avx2"))) int f(__m256i x) { return _mm256_movemask_epi8(_mm256_abs_epi8(x)); }'
        ' int g(__m128i x) { return _mm_cvtsi128_si32(_mm_shuffle_epi32(x, 2)) + __builtin_cpu_supports("fma"); }',
    ),
    (
        "GNU",
        "`#pragma pack`, `#pragma weak`, `#pragma GCC diagnostic`",
        "#pragma pack(push, 1)\nstruct s { char c; int i; };\n#pragma pack(pop)\n"
        '_Static_assert(sizeof(struct s) == 5, "");',
    ),
    (
        "coroutines",
        "variadic `coroutine_fn`, a `va_list` in use across a suspension",
        CO + "#include <stdarg.h>\nint coroutine_fn f(int n, ...) { va_list l; va_start(l, n); qemu_coroutine_yield();"
        " n = va_arg(l, int); va_end(l); return n; }",
    ),
    (
        "coroutines",
        "`alloca` and variable length arrays live across a suspension",
        CO + "int coroutine_fn f(int n) { int a[n]; a[0] = 1; qemu_coroutine_yield(); return a[0]; }",
    ),
    (
        "coroutines",
        "`setjmp` and `longjmp` between two suspensions",
        CO + "#include <setjmp.h>\nvoid coroutine_fn f(void) { { jmp_buf b; if (!setjmp(b)) { longjmp(b, 1); } }"
        " qemu_coroutine_yield(); }",
    ),
    (
        "coroutines",
        "`coroutine_mixed_fn`, compiled twice",
        CO + "void coroutine_fn g(void); void coroutine_mixed_fn f(void) { if (qemu_in_coroutine()) { g(); } }",
    ),
    (
        "coroutines",
        "labels as values, computed `goto`",
        CO + "void coroutine_fn f(int n) { void *p = n ? &&a : &&b; a: qemu_coroutine_yield(); goto *p; b:; }",
    ),
)

UNSUPPORTED = (
    ("GNU", "global register variables other than the stack pointer", "E0343", 'register int r asm("rbx");'),
    (
        "GNU",
        "attributes `target_clones` `scalar_storage_order` `ms_struct` ...",
        "E0340",
        'void f(void) __attribute__((target_clones("avx2", "default")));',
    ),
    ("GNU", "`#pragma redefine_extname`, `scalar_storage_order`", "E0330", "#pragma redefine_extname a b\nint x;"),
    ("GNU", "members of variable length in structs", "E0342", "void f(int n) { struct { int a[n]; } s; }"),
    ("C11", "over 2 GiB of variables in a function", "E0212", "void f(void) { char a[3ul << 30]; a[0] = 1; }"),
    ("C23", "`_BitInt`", "E0341", "_BitInt(7) b;"),
    ("GNU", "decimal floating types", "E0341", "_Decimal64 d;"),
    (
        "GNU",
        "intrinsics of MMX and AVX-512",
        "E0308",
        "int f(void) { return __builtin_ia32_psadbw(1, 2); }",
    ),
    (
        "coroutines",
        "nested functions in a `coroutine_fn`",
        "E0304",
        CO + "void coroutine_fn f(void) { int g(void) { return 1; } qemu_coroutine_yield(); g(); }",
    ),
    (
        "coroutines",
        "`setjmp` in a `coroutine_fn` when a suspension may come before its `longjmp`",
        "E0312",
        CO + "#include <setjmp.h>\njmp_buf b; void coroutine_fn f(void) { setjmp(b); qemu_coroutine_yield(); }",
    ),
)
