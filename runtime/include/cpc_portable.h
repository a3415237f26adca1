/* What C made by `cpc compile --emit c` needs: types, a few operations that C has no word for, and
 * the helpers of suspension points.  cpc/backend/portable/unit.py says what the files look like.
 *
 * Requires a compiler for a little-endian LP64 target with GNU extensions: gcc, clang, or tcc for
 * files without coroutines.  Everything here is cpc_ or CPC_, and no function is left in an object
 * that does not use it.
 *
 * The second half is cpc/backend/abi.py in C; that file has the pictures and the invariants. */
#ifndef CPC_PORTABLE_H
#define CPC_PORTABLE_H

#include <stdint.h>

#undef linux
#undef unix

#if defined __clang__ && __clang_major__ < 17
#define CPC_ASM_GOTO_RESULTS _Static_assert(0, "clang before 17 loses the results of asm goto");
#else
#define CPC_ASM_GOTO_RESULTS
#endif

/* What a compiler may say about correct programs that a compiler wrote: variables that are set and
 * not used, declarations of library functions by their lowered types, tests that are known. */
#if defined __clang__
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wunused"
#pragma clang diagnostic ignored "-Wuninitialized"
#pragma clang diagnostic ignored "-Wincompatible-library-redeclaration"
#pragma clang diagnostic ignored "-Wbuiltin-requires-header"
#pragma clang diagnostic ignored "-Wtautological-compare"
#pragma clang diagnostic ignored "-Wtautological-constant-compare"
#pragma clang diagnostic ignored "-Wtautological-pointer-compare"
#pragma clang diagnostic ignored "-Wpointer-bool-conversion"
#pragma clang diagnostic ignored "-Wformat"
#pragma clang diagnostic ignored "-Wnonnull"
#pragma clang diagnostic ignored "-Wnull-dereference"
#pragma clang diagnostic ignored "-Wself-assign"
#pragma clang diagnostic ignored "-Wbitwise-op-parentheses"
#pragma clang diagnostic ignored "-Wshift-op-parentheses"
#pragma clang diagnostic ignored "-Wdeprecated-non-prototype"
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang diagnostic ignored "-Watomic-alignment"
#pragma clang diagnostic ignored "-Wsync-alignment"
#pragma clang diagnostic ignored "-Winvalid-noreturn"
#pragma clang diagnostic ignored "-Wignored-attributes" /* a weak alias of a weak alias */
#pragma clang diagnostic ignored "-Winfinite-recursion"
#pragma clang fp contract(off)
#elif defined __GNUC__
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-value"
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wbuiltin-declaration-mismatch"
#pragma GCC diagnostic ignored "-Waddress"
#pragma GCC diagnostic ignored "-Wattribute-alias"
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wstringop-overread"
#pragma GCC diagnostic ignored "-Wstringop-truncation"
#pragma GCC diagnostic ignored "-Wrestrict"
#pragma GCC diagnostic ignored "-Wnonnull"
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-overflow"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wtautological-compare"
#pragma GCC diagnostic ignored "-Wbool-compare"
#pragma GCC diagnostic ignored "-Wbool-operation"
#pragma GCC diagnostic ignored "-Wint-in-bool-context"
#pragma GCC diagnostic ignored "-Wmemset-elt-size"
#pragma GCC diagnostic ignored "-Wpsabi"
#pragma GCC diagnostic ignored "-Wfree-nonheap-object"
#pragma GCC diagnostic ignored "-Wuse-after-free"
#pragma GCC diagnostic ignored "-Wdangling-pointer"
#pragma GCC diagnostic ignored "-Wmismatched-dealloc"
#pragma GCC diagnostic ignored "-Wsequence-point"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
#endif

_Static_assert(sizeof(char *) == 8 && sizeof(int) == 4, "the code is for an LP64 target");

/* ---- types ---------------------------------------------------------------------------------- */

/* Accesses to memory: of any object, as if memory had no types; at an alignment below the natural
 * one where the name has a number at its end. */
#define CPC_ACCESS(type, name) typedef type name __attribute__((may_alias))
#define CPC_ACCESS_AT(type, name, align) \
    typedef type name##_##align __attribute__((may_alias, aligned(align)))

CPC_ACCESS(uint8_t, cpc_m8);
CPC_ACCESS(uint16_t, cpc_m16);
CPC_ACCESS_AT(uint16_t, cpc_m16, 1);
CPC_ACCESS(uint32_t, cpc_m32);
CPC_ACCESS_AT(uint32_t, cpc_m32, 1);
CPC_ACCESS_AT(uint32_t, cpc_m32, 2);
CPC_ACCESS(uint64_t, cpc_m64);
CPC_ACCESS_AT(uint64_t, cpc_m64, 1);
CPC_ACCESS_AT(uint64_t, cpc_m64, 2);
CPC_ACCESS_AT(uint64_t, cpc_m64, 4);
CPC_ACCESS(char *, cpc_mptr);
CPC_ACCESS_AT(char *, cpc_mptr, 1);
CPC_ACCESS_AT(char *, cpc_mptr, 2);
CPC_ACCESS_AT(char *, cpc_mptr, 4);
CPC_ACCESS(float, cpc_mf32);
CPC_ACCESS_AT(float, cpc_mf32, 1);
CPC_ACCESS_AT(float, cpc_mf32, 2);
CPC_ACCESS(double, cpc_mf64);
CPC_ACCESS_AT(double, cpc_mf64, 1);
CPC_ACCESS_AT(double, cpc_mf64, 2);
CPC_ACCESS_AT(double, cpc_mf64, 4);

#if defined __x86_64__
typedef long double cpc_f80;
CPC_ACCESS(cpc_f80, cpc_mf80);
CPC_ACCESS_AT(cpc_f80, cpc_mf80, 1);
CPC_ACCESS_AT(cpc_f80, cpc_mf80, 2);
CPC_ACCESS_AT(cpc_f80, cpc_mf80, 4);
CPC_ACCESS_AT(cpc_f80, cpc_mf80, 8);
#if !defined __TINYC__
typedef _Complex long double cpc_complex_f80;
#endif
#endif

#if !defined __TINYC__
typedef unsigned __int128 cpc_u128;
typedef __int128 cpc_s128;
CPC_ACCESS(cpc_u128, cpc_m128);
CPC_ACCESS_AT(cpc_u128, cpc_m128, 1);
CPC_ACCESS_AT(cpc_u128, cpc_m128, 2);
CPC_ACCESS_AT(cpc_u128, cpc_m128, 4);
CPC_ACCESS_AT(cpc_u128, cpc_m128, 8);
#if defined __x86_64__
typedef __float128 cpc_f128;
#define CPC_F128(digits) digits##q
#else
typedef long double cpc_f128;
#define CPC_F128(digits) digits##L
#endif
CPC_ACCESS(cpc_f128, cpc_mf128);
CPC_ACCESS_AT(cpc_f128, cpc_mf128, 1);
CPC_ACCESS_AT(cpc_f128, cpc_mf128, 2);
CPC_ACCESS_AT(cpc_f128, cpc_mf128, 4);
CPC_ACCESS_AT(cpc_f128, cpc_mf128, 8);
#endif

/* What a ramp and a resume function return: rax and rdx, or x0 and x1.  See struct co_ret. */
typedef struct {
    uint64_t value;
    char *tail; /* NULL: it has returned; CPC_GO_ON: core.top is to be resumed with `value` */
} cpc_ret;

/* ---- operations ----------------------------------------------------------------------------- */

#if defined __TINYC__
#define CPC_INLINE static inline
#define cpc_likely(x) (x)
#define cpc_unlikely(x) (x)
#define cpc_unreachable() abort()
void abort(void);
void *memcpy(void *, const void *, __SIZE_TYPE__);
void *memset(void *, int, __SIZE_TYPE__);
void *memmove(void *, const void *, __SIZE_TYPE__);
#define cpc_copy memcpy
#define cpc_set memset
#define cpc_move memmove
#define CPC_OPTNONE
#else
#define CPC_INLINE static inline __attribute__((always_inline))
#define cpc_likely(x) __builtin_expect(!!(x), 1)
#define cpc_unlikely(x) __builtin_expect(!!(x), 0)
#define cpc_unreachable() __builtin_unreachable()
#define cpc_copy __builtin_memcpy
#define cpc_set __builtin_memset
#define cpc_move __builtin_memmove
#if defined __clang__
#define CPC_OPTNONE optnone
#else
#define CPC_OPTNONE optimize("O0")
#endif
#endif

static inline void cpc_copy_volatile(char *to, const char *from, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++) {
        ((volatile char *)to)[i] = ((const volatile char *)from)[i];
    }
}

static inline void cpc_set_volatile(char *at, int value, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++) {
        ((volatile char *)at)[i] = (char)value;
    }
}

/* Arithmetic that does not overflow in a correct program: wraps here, unless a sanitizer is to
 * find the incorrect one. */
#if defined CPC_CHECK_OVERFLOW
#define CPC_ARITHMETIC(S, U, a, op, b) ((U)((S)(a) op (S)(b)))
#else
#define CPC_ARITHMETIC(S, U, a, op, b) ((U)(a) op (U)(b))
#endif
#define cpc_add32(a, b) CPC_ARITHMETIC(int32_t, uint32_t, a, +, b)
#define cpc_sub32(a, b) CPC_ARITHMETIC(int32_t, uint32_t, a, -, b)
#define cpc_mul32(a, b) CPC_ARITHMETIC(int32_t, uint32_t, a, *, b)
#define cpc_add64(a, b) CPC_ARITHMETIC(int64_t, uint64_t, a, +, b)
#define cpc_sub64(a, b) CPC_ARITHMETIC(int64_t, uint64_t, a, -, b)
#define cpc_mul64(a, b) CPC_ARITHMETIC(int64_t, uint64_t, a, *, b)

#define cpc_unordered(a, b) __builtin_isunordered(a, b)

/* The bits of floats. */
#define CPC_BITS(U, F, to_f, to_u) \
    CPC_INLINE F to_f(U bits) { F x; cpc_copy(&x, &bits, sizeof x); return x; } \
    CPC_INLINE U to_u(F x) { U bits; cpc_copy(&bits, &x, sizeof x); return bits; }
CPC_BITS(uint32_t, float, cpc_f32_of_u32, cpc_u32_of_f32)
CPC_BITS(uint64_t, double, cpc_f64_of_u64, cpc_u64_of_f64)
#define cpc_f32_of(bits) cpc_f32_of_u32(bits)
#define cpc_f64_of(bits) cpc_f64_of_u64(bits)

#if !defined __TINYC__
CPC_BITS(cpc_u128, cpc_f128, cpc_f128_of_u128, cpc_u128_of_f128)

#define cpc_u128_of(high, low) ((cpc_u128)(high) << 64 | (uint64_t)(low))
#define cpc_f128_of(high, low) cpc_f128_of_u128(cpc_u128_of(high, low))

CPC_INLINE cpc_f128 cpc_fabs_f128(cpc_f128 x)
{
    return cpc_f128_of_u128(cpc_u128_of_f128(x) << 1 >> 1);
}

CPC_INLINE cpc_f128 cpc_copysign_f128(cpc_f128 x, cpc_f128 sign)
{
    cpc_u128 top = (cpc_u128)1 << 127;
    return cpc_f128_of_u128((cpc_u128_of_f128(x) & ~top) | (cpc_u128_of_f128(sign) & top));
}

#if defined __x86_64__
/* The upper six bytes of a long double in memory are padding: 0 here. */
CPC_INLINE cpc_u128 cpc_u128_of_f80(cpc_f80 x)
{
    cpc_u128 bits = 0;
    cpc_copy(&bits, &x, 10);
    return bits;
}

CPC_INLINE cpc_f80 cpc_f80_of_u128(cpc_u128 bits)
{
    cpc_f80 x;
    cpc_copy(&x, &bits, sizeof x);
    return x;
}
#define cpc_f80_of(high, low) cpc_f80_of_u128(cpc_u128_of(high, low))

/* Two results in the x87 registers. */
#define cpc_real_f80(z) __real__(z)
#define cpc_imag_f80(z) __imag__(z)
CPC_INLINE cpc_complex_f80 cpc_complex_f80_of(cpc_f80 re, cpc_f80 im)
{
    cpc_complex_f80 z;
    __real__ z = re;
    __imag__ z = im;
    return z;
}
#endif

/* Bits of an integer of any width; 0 has `width` zeros. */
CPC_INLINE unsigned cpc_ctpop(cpc_u128 x, int width)
{
    (void)width;
    return __builtin_popcountll((uint64_t)x) + __builtin_popcountll((uint64_t)(x >> 64));
}

CPC_INLINE unsigned cpc_ctlz(cpc_u128 x, int width)
{
    uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;
    return width - (high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0);
}

CPC_INLINE unsigned cpc_cttz(cpc_u128 x, int width)
{
    uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;
    return low ? __builtin_ctzll(low) : high ? 64 + __builtin_ctzll(high) : width;
}

#define cpc_bswap16(x) __builtin_bswap16(x)
#define cpc_bswap32(x) __builtin_bswap32(x)
#define cpc_bswap64(x) __builtin_bswap64(x)
CPC_INLINE cpc_u128 cpc_bswap128(cpc_u128 x)
{
    return (cpc_u128)__builtin_bswap64((uint64_t)x) << 64 | __builtin_bswap64((uint64_t)(x >> 64));
}
#endif

#if defined __x86_64__
#define cpc_cycles() __builtin_ia32_rdtsc()
#elif defined __aarch64__
static inline uint64_t cpc_cycles(void)
{
    uint64_t now;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(now));
    return now;
}
#endif

/* Variable arguments: the list is in memory, in the target's layout. */
#define CPC_VA_LIST(ap) (*(__builtin_va_list *)(void *)(ap))
#define cpc_va_start(ap, last) __builtin_va_start(CPC_VA_LIST(ap), last)
#define cpc_va_end(ap) __builtin_va_end(CPC_VA_LIST(ap))
#define cpc_va_copy(to, from) __builtin_va_copy(CPC_VA_LIST(to), CPC_VA_LIST(from))

/* ---- variable length arrays ----------------------------------------------------------------- */

/* gcc gives memory back at any time.  clang only where a scope ends, and this code has none: there
 * arrays come from malloc, until the function returns or their scope is left.  (A longjmp out of
 * the function leaks them, as it does with any malloc.) */
#if !defined __clang__
#define CPC_STACK
/* Not __builtin_alloca_with_align: one of constant size is the same memory in each round of a loop. */
#define cpc_alloca(size, align) \
    ((align) <= 16 ? (char *)__builtin_alloca(size) \
                   : (char *)(((uintptr_t)__builtin_alloca((size) + (align) - 1) + (align) - 1) \
                              & -(uintptr_t)(align)))
#define cpc_stack_save() ((char *)__builtin_stack_save())
#define cpc_stack_restore(mark) __builtin_stack_restore(mark)
#define cpc_stack_pointer() ((char *)__builtin_stack_save())
#else
struct cpc_array {
    struct cpc_array *before;
    void *memory;
};
void *cpc_array_malloc(__SIZE_TYPE__) __asm__("malloc");
void cpc_array_free(void *) __asm__("free");

static inline void cpc_arrays_end(struct cpc_array **last, struct cpc_array *mark)
{
    while (*last != mark) {
        struct cpc_array *array = *last;
        *last = array->before;
        cpc_array_free(array->memory);
    }
}

static inline void cpc_arrays_end_all(struct cpc_array **last)
{
    cpc_arrays_end(last, 0);
}

static inline char *cpc_array(struct cpc_array **last, uint64_t size, uint64_t align)
{
    char *memory = cpc_array_malloc(size + align + sizeof(struct cpc_array));
    uintptr_t start = ((uintptr_t)memory + sizeof(struct cpc_array) + align - 1) & -align;
    struct cpc_array *array = (struct cpc_array *)memory;
    if (!memory) {
        __builtin_trap();
    }
    *array = (struct cpc_array){ *last, memory };
    *last = array;
    return (char *)start;
}
#define CPC_STACK __attribute__((cleanup(cpc_arrays_end_all))) struct cpc_array *cpc_arrays = 0
#define cpc_alloca(size, align) cpc_array(&cpc_arrays, size, align)
#define cpc_stack_save() ((char *)cpc_arrays)
#define cpc_stack_restore(mark) cpc_arrays_end(&cpc_arrays, (struct cpc_array *)(void *)(mark))
/* For jumps into a function from those that it called, which only x86-64 has. */
static inline __attribute__((always_inline)) char *cpc_stack_pointer(void)
{
    char *found;
    __asm__ volatile("mov %%rsp, %0" : "=r"(found));
    return found;
}
#endif

/* ---- coroutines ----------------------------------------------------------------------------- */

#if defined CPC_COROUTINES

#define CPC_GO_ON ((char *)2)

typedef cpc_ret cpc_resume_function(char *frame, uint64_t value);

struct cpc_frame {
    cpc_resume_function *resume;
    char *parent; /* | 1: leaves a batch */
    char *sp;     /* only in frames that batches can hang on */
} __attribute__((may_alias));

struct cpc_core {
    char *end;
    uint64_t n_yields;
    char *mark, *top, *sp, *base;
} __attribute__((may_alias));

extern __thread char *co_current __attribute__((tls_model("initial-exec")));

/* Called from hot paths, so they keep all registers where a compiler can be told to; code made by
 * LLVM relies on that.  gcc's attribute promises more than LLVM keeps, so it is for the unit that
 * defines them (CPC_DEFINES_COLD) only. */
#if defined __clang__
#define CPC_KEEPS __attribute__((preserve_most, cold, noinline))
#elif defined __x86_64__ && defined CPC_DEFINES_COLD
#define CPC_KEEPS \
    __attribute__((no_caller_saved_registers, target("general-regs-only"), cold, noinline))
#else
#define CPC_KEEPS __attribute__((cold, noinline))
#endif
CPC_KEEPS char *co_more(char *core, uint64_t size, uint64_t align);
CPC_KEEPS void co_chunk_pop(void);
CPC_KEEPS void co_settle(void);
extern char cpc_dropping[] __asm__("co_dropping");

/* The parent goes on: by way of enter, or by a call that takes no stack. */
#define cpc_resume_later(frame, value) \
    do { \
        ((struct cpc_core *)co_current)->top = (frame); \
        return (cpc_ret){ (value), CPC_GO_ON }; \
    } while (0)
#if defined __has_attribute
#if __has_attribute(musttail)
#define cpc_resume(frame, value) \
    do { \
        char *cpc_f = (frame); \
        uint64_t cpc_v = (value); \
        __attribute__((musttail)) return ((struct cpc_frame *)cpc_f)->resume(cpc_f, cpc_v); \
    } while (0)
#endif
#endif
#if !defined cpc_resume
#define cpc_resume(frame, value) cpc_resume_later(frame, value)
#endif

CPC_INLINE char *cpc_room(struct cpc_core *core, uint64_t size, uint64_t align)
{
    char *start = core->sp + (-(uintptr_t)core->sp & (align - 1));

    if (cpc_unlikely((int64_t)((uintptr_t)core->end - (uintptr_t)start) < (int64_t)size)) {
        return co_more((char *)core, size, align);
    }
    return start;
}

CPC_INLINE char *cpc_capture_first_aligned(uint64_t size, char *resume, uint64_t align)
{
    struct cpc_core *core = (struct cpc_core *)co_current;
    char *frame = cpc_room(core, size, align);

    ((struct cpc_frame *)frame)->resume = (cpc_resume_function *)resume;
    core->top = frame;
    return frame;
}

CPC_INLINE void cpc_link(char *frame, char *resume, char *tail)
{
    ((struct cpc_frame *)frame)->resume = (cpc_resume_function *)resume;
    *(cpc_mptr *)tail = frame;
}

CPC_INLINE char *
cpc_capture_aligned(uint64_t size, char *resume, uint64_t sp, char *tail, uint64_t align)
{
    struct cpc_core *core = (struct cpc_core *)co_current;

    core->sp = (char *)(uintptr_t)sp;
    char *frame = cpc_room(core, size, align);
    cpc_link(frame, resume, tail);
    return frame;
}

#define cpc_capture_first(size, resume) cpc_capture_first_aligned(size, resume, 8)
#define cpc_capture(size, resume, sp, tail) cpc_capture_aligned(size, resume, sp, tail, 8)

CPC_INLINE uint64_t cpc_link_first(char *frame, char *resume)
{
    struct cpc_core *core = (struct cpc_core *)co_current;

    ((struct cpc_frame *)frame)->resume = (cpc_resume_function *)resume;
    core->top = frame;
    return (uintptr_t)core->sp;
}

CPC_INLINE char *cpc_box_enter_aligned(uint64_t size, uint64_t align)
{
    struct cpc_core *core = (struct cpc_core *)co_current;
    char *frame = cpc_room(core, size, align);

    core->sp = frame + size;
    return frame;
}
#define cpc_box_enter(size) cpc_box_enter_aligned(size, 8)

CPC_INLINE void cpc_box_leave(char *frame)
{
    struct cpc_core *core = (struct cpc_core *)co_current;

    core->sp = frame;
    if (cpc_unlikely(core->base == frame)) {
        co_chunk_pop();
    }
}

CPC_INLINE int cpc_is_innermost(const struct cpc_core *core, const char *place)
{
    return (uintptr_t)place - (uintptr_t)core->base <= (uintptr_t)core->end - (uintptr_t)core->base;
}

CPC_INLINE void cpc_recapture_yield(char *frame)
{
    ((struct cpc_core *)co_current)->top = frame;
}

CPC_INLINE void cpc_recapture_call(char *frame, uint64_t sp, char *tail)
{
    struct cpc_core *core = (struct cpc_core *)co_current;
    struct cpc_frame *f = (struct cpc_frame *)frame;

    core->sp = (char *)(uintptr_t)sp;
    if (cpc_unlikely(!cpc_is_innermost(core, core->mark))) {
        co_settle();
    }
    f->sp = core->mark;
    core->mark = core->sp;
    *(cpc_mptr *)tail = frame + 1;
}

CPC_INLINE void cpc_hand_over(char *frame, uint64_t sp, char *tail)
{
    struct cpc_core *core = (struct cpc_core *)co_current;

    *(cpc_mptr *)tail = ((struct cpc_frame *)frame)->parent;
    core->sp = core->mark = (char *)(uintptr_t)sp;
}

/* `size` serves code that guesses the parent's address (cpc/backend/abi.py). */
CPC_INLINE char *cpc_leave(char *frame, uint64_t size)
{
    (void)size;
    char *parent = ((struct cpc_frame *)frame)->parent;

    if ((uintptr_t)parent & 1) {
        struct cpc_core *core = (struct cpc_core *)co_current;
        struct cpc_frame *noted = (struct cpc_frame *)--parent;
        if (cpc_unlikely(!cpc_is_innermost(core, noted->sp))) {
            core->mark = parent;
            return cpc_dropping;
        }
        core->sp = core->mark = noted->sp;
    }
    return parent;
}

/* For co_dump: what describes the unit's resume functions; runtime/co.h has the same structures. */
struct cpc_described {
    cpc_resume_function *resume;
    const void *description;
};

struct cpc_unit {
    struct cpc_unit *next;
    const struct cpc_described *functions;
    uint64_t count;
};

void co_describe(struct cpc_unit *unit);
void co_forget(struct cpc_unit *unit);

#define CPC_DESCRIBE(table) \
    static struct cpc_unit cpc_this_unit = { 0, table, sizeof table / sizeof table[0] }; \
    static __attribute__((constructor)) void cpc_describe(void) { co_describe(&cpc_this_unit); } \
    static __attribute__((destructor)) void cpc_forget(void) { co_forget(&cpc_this_unit); }

#endif /* CPC_COROUTINES */
#endif
