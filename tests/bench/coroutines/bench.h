/* One workload, many ways to have coroutines: what each of them provides, and what main.c measures.
 *
 * A system is one program: main.c and one file that defines `coroutine_system`.  The work is
 * written in direct style in direct.h, for whatever compiles plain C or has stacks; the others
 * (lazy.c, cxx20.cc, async.rs) say the same in their own way.  Every row leaves a sum that
 * depends on each step, and main.c prints it: a system that does other work prints another sum.
 *
 *   leaf(c, a):      c->yields times: yield;  return a ^ c->k
 *   level D(c, a):   x = a * 3 + D, y = c->k ^ x;  r = level D-1 (c, x);  return r + y + (x ^ D)
 *   root(c):         for n = c->iters ... 1: c->sum += top level(c, n)
 *
 * The levels of a *static* chain are static functions with one caller each, as most are in real
 * programs: a compiler may merge them.  Those of a *separate* chain stand for functions of other
 * units, and no system may inline them.  So with the function that has a buffer. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NOINLINE __attribute__((noinline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* The compiler may not know n's value: no two turns of a root's loop become one. */
#define HIDE(n) __asm__ volatile("" : "+r"(n))

#define BUFFER 512
#define LIVE 16
#define LOOP 64

/* What the coroutines of a row work on. */
struct work {
    long k;            /* a number that code must load */
    long yields;       /* how often a leaf yields in one call */
    long iters;        /* how often the root calls */
    long never;        /* what the hot loop waits for in vain */
    long sum;          /* the result */
    long ended;        /* the root has returned */
    long values[LIVE];
};

/* The roots, numbered alike in all systems. */
enum root {
    STATIC_1, STATIC_3, STATIC_8, STATIC_32,
    SEPARATE_1, SEPARATE_3, SEPARATE_8, SEPARATE_32,
    HOT_LOOP, BUFFER_STATIC, LIVE_VALUES, BUFFER_SEPARATE, N_ROOTS
};

struct nest {
    long entered, returned, depth;
};

struct coroutine_system {
    void (*lifecycle)(long n);                /* n times: create, enter, end */
    void (*cost)(long n);                     /* n times: create, enter, yield, enter, end */
    void (*nesting)(struct nest *nest);       /* coroutine k creates and enters k + 1 */
    void (*yields)(long n);                   /* one coroutine yields n times */
    long (*run)(struct work *w, int root);    /* root to its end; how often it was entered */
    void *(*spawn)(struct work *w, int root); /* a coroutine after its first enter */
    void (*resume)(void *co);
};

extern const struct coroutine_system coroutine_system;

/* Plain functions of main.c, of which no compiler knows what they do. */
void bench_fill(char *buffer, long seed); /* writes the first and the last 8 of BUFFER bytes */
long bench_read(const char *buffer);
void bench_pause(void);                   /* what yield is where nothing can yield */

#define LEVELS_1(X, p) X(p, 1, 0)
#define LEVELS_3(X, p) LEVELS_1(X, p) X(p, 2, 1) X(p, 3, 2)
#define LEVELS_8(X, p) LEVELS_3(X, p) X(p, 4, 3) X(p, 5, 4) X(p, 6, 5) X(p, 7, 6) X(p, 8, 7)
#define LEVELS_16(X, p) LEVELS_8(X, p) X(p, 9, 8) X(p, 10, 9) X(p, 11, 10) X(p, 12, 11) \
    X(p, 13, 12) X(p, 14, 13) X(p, 15, 14) X(p, 16, 15)
#define LEVELS_32(X, p) LEVELS_16(X, p) X(p, 17, 16) X(p, 18, 17) X(p, 19, 18) X(p, 20, 19) \
    X(p, 21, 20) X(p, 22, 21) X(p, 23, 22) X(p, 24, 23) X(p, 25, 24) X(p, 26, 25) \
    X(p, 27, 26) X(p, 28, 27) X(p, 29, 28) X(p, 30, 29) X(p, 31, 30) X(p, 32, 31)

#ifdef __cplusplus
}
#endif
#endif
