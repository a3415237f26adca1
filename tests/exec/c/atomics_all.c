/* 7.17, GNU: _Atomic objects, stdatomic.h, __atomic and __sync builtins at every width, flags, structures, fences. */
#include <stdatomic.h>
#include <stdio.h>

static _Atomic int ai = 5; static atomic_long al; static _Atomic(char) ac = 1; static atomic_bool ab; static _Atomic double ad = 1.5; static _Atomic float af; static int *_Atomic ap;
struct s4 { short a, b; }; struct s16 { long a, b; }; static _Atomic struct s4 as4; static _Atomic unsigned char au; static atomic_flag flag = ATOMIC_FLAG_INIT;
#define P(x) printf("%d ", (int)(x));
#define SYNC(T) { T v = 10; printf(#T " "); P(__sync_fetch_and_add(&v, 5)) P(__sync_add_and_fetch(&v, 5)) P(__sync_fetch_and_sub(&v, 3)) P(__sync_or_and_fetch(&v, 64)) \
    P(__sync_fetch_and_and(&v, 0x55)) P(__sync_xor_and_fetch(&v, 3)) P(__sync_fetch_and_nand(&v, 6)) P(__sync_nand_and_fetch(&v, 12)) \
    T e = v; P(__sync_bool_compare_and_swap(&v, e, 7)) P(__sync_val_compare_and_swap(&v, 8, 9)) P(__sync_lock_test_and_set(&v, 1)) __sync_lock_release(&v); P(v) printf("\n"); }
#define ATOM(T) { T v = 10, e = 10, r; printf(#T " %d ", (int)__atomic_fetch_add(&v, 5, __ATOMIC_SEQ_CST)); printf("%d ", (int)__atomic_sub_fetch(&v, 1, __ATOMIC_RELAXED)); printf("%d ", (int)__atomic_fetch_or(&v, 33, __ATOMIC_ACQ_REL)); \
    printf("%d ", (int)__atomic_nand_fetch(&v, 7, 5)); printf("%d ", (int)__atomic_exchange_n(&v, 3, __ATOMIC_ACQUIRE)); printf("%d ", __atomic_compare_exchange_n(&v, &e, 4, 0, 5, 5)); printf("%d ", (int)e); \
    printf("%d ", __atomic_compare_exchange_n(&v, &e, 4, 1, __ATOMIC_RELEASE, __ATOMIC_RELAXED)); __atomic_load(&v, &r, 0); printf("%d ", (int)r); e = 9; __atomic_store(&v, &e, __ATOMIC_RELEASE); printf("%d ", (int)__atomic_load_n(&v, 2)); \
    __atomic_store_n(&v, 77, 3); T n = 1; __atomic_exchange(&v, &n, &r, 5); P(r) P(v) P(__atomic_fetch_xor(&v, 1, 5)) P(v) printf("\n"); }
static int counter; static int *next(int *p) { counter++; return p; }

int main(void)
{
    SYNC(char) SYNC(unsigned char) SYNC(short) SYNC(int) SYNC(unsigned) SYNC(long) SYNC(unsigned long)
    ATOM(signed char) ATOM(unsigned short) ATOM(int) ATOM(long)
    ai++; ++ai; ai += 10; ai -= 2; ai *= 3; ai /= 2; ai <<= 2; ai |= 1; ai ^= 0x30; ai %= 50; P(ai) P(ai--) P(ai)
    ac += 200; au--; ad += 2.25; ad *= 2; af = 3; af /= 2; ab = 5; ab ^= 1; printf("%d %d %g %g %d\n", ac, au, ad, af, ab);
    int array[4] = {1, 2, 3, 4}; ap = array; ap++; ap += 2; printf("%d %ld\n", *ap, (long)(ap - array)); ap--; printf("%d\n", *ap);
    struct s4 v = {1, 2}; as4 = v; struct s4 w = as4; printf("%d %d\n", w.a, w.b); atomic_store(&as4, ((struct s4){3, 4})); w = atomic_load(&as4); printf("%d %d\n", w.a, w.b);
    struct s4 e = {3, 4}, n = {5, 6}; printf("%d ", atomic_compare_exchange_strong(&as4, &e, n)); w = atomic_exchange(&as4, e); printf("%d %d\n", w.a, w.b);
    atomic_init(&al, 100); printf("%ld ", atomic_fetch_add(&al, 5)); printf("%ld ", atomic_fetch_sub_explicit(&al, 1, memory_order_relaxed)); printf("%ld ", atomic_fetch_or(&al, 2)); printf("%ld ", atomic_fetch_and(&al, 0xf0)); printf("%ld\n", atomic_load_explicit(&al, memory_order_acquire));
    long expected = 1; P(atomic_compare_exchange_weak(&al, &expected, 2)) P(expected) printf("%d ", atomic_compare_exchange_strong_explicit(&al, &expected, 2, memory_order_acq_rel, memory_order_relaxed)); printf("%ld\n", al);
    printf("%d ", atomic_flag_test_and_set(&flag)); printf("%d ", atomic_flag_test_and_set(&flag)); atomic_flag_clear(&flag); printf("%d\n", atomic_flag_test_and_set_explicit(&flag, memory_order_acquire));
    atomic_thread_fence(memory_order_seq_cst); atomic_signal_fence(memory_order_acquire); __sync_synchronize();
    printf("%d %d %d %d\n", atomic_is_lock_free(&ai), ATOMIC_INT_LOCK_FREE, __atomic_always_lock_free(4, 0), (int)sizeof(_Atomic struct s4));
    int x = 0; __atomic_fetch_add(next(&x), 3, 5); __sync_fetch_and_add(next(&x), 4); printf("%d %d\n", x, counter);
    char *p = "abcdef"; printf("%c ", *__atomic_fetch_add(&p, 2, 5)); printf("%c ", *p); p = __sync_add_and_fetch(&p, 1); printf("%c\n", *p);
    _Atomic struct s16 *null = 0; printf("%zu\n", sizeof *null); x = 0; P(__atomic_test_and_set(&x, 5)) P(__atomic_test_and_set(&x, 5)) __atomic_clear(&x, 5); printf("%d\n", x & 1);
    _Atomic int local = 3; int copy = local; local = local + copy; P(local) P((local = 9) + 1) _Atomic const int k = 4; printf("%d\n", k + *(&k));
    return 0;
}
