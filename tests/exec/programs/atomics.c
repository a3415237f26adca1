/* Atomics: __atomic, __sync, _Atomic objects, stdatomic.h, all widths; counters from two threads.
 */
#include <stdio.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <pthread.h>
static _Atomic int ai = 5;
static atomic_long al;
static _Atomic unsigned char ac = 250;
static int pi = 3;
static long pl = 4;
static short ps = 1;
static char *pc;
static _Atomic double ad = 1.5;
static _Atomic(int *) ap;
static atomic_flag fl = ATOMIC_FLAG_INIT;

struct two {
    int a, b;
};
static _Atomic struct two at;
static _Atomic bool ab;

static void *thr(void *v)
{
    for (int i = 0; i < 20000; i++) {
        ai++;
        atomic_fetch_add(&al, 2);
        __atomic_fetch_add(&pi, 1, __ATOMIC_RELAXED);
        ad += 0.5;
    }
    return v;
}

int main(void)
{
    int old = ai++;
    printf("%d %d ", old, ai);
    printf("%d ", --ai);
    printf("%d\n", ai += 10);
    ai |= 64;
    ai &= ~1;
    ai ^= 3;
    ai *= 3;
    ai <<= 1;
    ai -= 7;
    printf("%d\n", ai);
    ac += 10;
    printf("%d ", ac);
    ac--;
    printf("%d ", ac);
    printf("%d\n", ac++);
    int x = ai = 9;
    printf("%d\n", x);
    int arr[4] = { 1, 2, 3, 4 };
    ap = arr;
    ap++;
    ap += 2;
    printf("%d ", *ap);
    ap--;
    printf("%d ", *ap--);
    printf("%td\n", ap - arr);
    ad *= 2;
    printf("%g\n", ad);
    at = (struct two){ 3, 4 };
    struct two t = at;
    printf("%d %d\n", t.a, t.b);
    ab = 7;
    printf("%d\n", ab);
    ab = !ab;
    int e = 9;
    bool ok = atomic_compare_exchange_strong(&ai, &e, 11);
    printf("%d %d %d\n", ok, e, ai);
    ok = atomic_compare_exchange_weak(&ai, &e, 12);
    printf("%d %d %d\n", ok, e, ai);
    old = atomic_exchange(&ai, 20);
    printf("%d %d\n", old, atomic_load_explicit(&ai, memory_order_acquire));
    atomic_store(&ai, 1);
    atomic_thread_fence(memory_order_seq_cst);
    atomic_signal_fence(memory_order_acq_rel);
    printf("%d ", atomic_flag_test_and_set(&fl));
    printf("%d\n", atomic_flag_test_and_set(&fl));
    atomic_flag_clear(&fl);
    printf("%ld\n", atomic_fetch_or(&al, 6));
    printf("%ld\n", atomic_fetch_sub(&al, 2));
    atomic_init(&al, 0);
    printf("%d ", __atomic_load_n(&pi, __ATOMIC_ACQUIRE));
    printf("%d\n", __atomic_add_fetch(&pi, 4, __ATOMIC_SEQ_CST));
    __atomic_store_n(&pl, 8, __ATOMIC_RELEASE);
    long lv, nv = 77;
    __atomic_load(&pl, &lv, 5);
    printf("%ld ", lv);
    __atomic_exchange(&pl, &nv, &lv, 5);
    printf("%ld %ld\n", lv, pl);
    int ex = 7;
    printf("%d ", __atomic_compare_exchange_n(&pi, &ex, 1, 0, 5, 5));
    printf("%d %d ", pi, ex);
    printf("%d\n", __atomic_nand_fetch(&pi, 3, 5));
    pi = 3;
    printf("%d %ld %d\n", __sync_fetch_and_add(&pi, 2), __sync_sub_and_fetch(&pl, 7),
           __sync_bool_compare_and_swap(&ps, 1, 9));
    printf("%d ", ps);
    printf("%d ", __sync_val_compare_and_swap(&ps, 9, 2));
    __sync_synchronize();
    printf("%d ", __sync_lock_test_and_set(&pi, 0));
    printf("%d\n", pi);
    __sync_lock_release(&pi);
    __atomic_store_n(&pc, "ptr", 3);
    printf("%s %d\n", __atomic_load_n(&pc, 2), __atomic_always_lock_free(4, 0));
    ai = 0;
    ad = 0;
    pthread_t a, b;
    pthread_create(&a, 0, thr, 0);
    pthread_create(&b, 0, thr, 0);
    pthread_join(a, 0);
    pthread_join(b, 0);
    printf("%d %ld %d %g\n", ai, al, pi, ad);
    return 0;
}
