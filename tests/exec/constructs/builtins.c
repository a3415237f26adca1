/* Builtins with coroutine calls as operands: overflow, expect, choose_expr, constant_p, bits, object_size, atomics. */
#include "construct.h"

static int evaluated;

static int coroutine_fn counted(int x)
{
    may_wait();
    evaluated++;
    return x;
}

static void coroutine_fn test(void)
{
    int sum = 0, word = 6;
    unsigned char narrow = 0;
    char buffer[24];

    evaluated = 0;
    say("fits", __builtin_add_overflow(counted(3), counted(4), &sum));
    say("sum", sum);
    say("overflows", __builtin_mul_overflow(counted(100), counted(3), &narrow));
    say("narrow", narrow);
    if (__builtin_expect(counted(1), 0) && __builtin_expect_with_probability(counted(2) == 2, 1, 0.9)) {
        say("unlikely", evaluated);
    }
    say("chosen", __builtin_choose_expr(1, counted(5), (void)0));
    say("constant", __builtin_constant_p(counted(1)));
    say("bits", __builtin_popcount((unsigned)counted(255)) * 100 + __builtin_ctz((unsigned)counted(8)));
    say("swapped", __builtin_bswap32((unsigned)counted(0x01020304)));
    say("size", (long)__builtin_object_size(buffer + 4, 0));
    say("old", __atomic_fetch_add(&word, counted(10), __ATOMIC_SEQ_CST));
    say("swap", __sync_bool_compare_and_swap(&word, counted(16), counted(20)) * 100 + word);
    __builtin_memset(buffer, counted('x'), sizeof buffer);
    say("set", buffer[counted(23)]);
    say("types", __builtin_types_compatible_p(typeof(counted(1)), int));
    say("evaluated", evaluated);
}
