/* Atomic objects of 16 bytes and of odd sizes: through libatomic, as gcc does it. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef unsigned __int128 u128;

static void print128(const char *what, u128 v)
{
    printf("%s %016llx%016llx\n", what, (unsigned long long)(v >> 64), (unsigned long long)v);
}

struct triple { long a, b, c; };
struct three { char c[3]; };
struct pair { long a, b; };

static u128 word = 5;
static _Atomic u128 counter;
static _Atomic long double ld = 1.5L;
static _Atomic struct triple shared = { 1, 2, 3 };
static _Atomic struct pair both;
static _Atomic _Complex long double cld;
static _Atomic _Complex double cd;

static void sixteen(void)
{
    u128 expected = 4, big = (u128)1 << 100 | 7;

    print128("load", __atomic_load_n(&word, __ATOMIC_ACQUIRE));
    __atomic_store_n(&word, big, __ATOMIC_SEQ_CST);
    print128("fetch_add", __atomic_fetch_add(&word, 9, __ATOMIC_RELAXED));
    print128("sub_fetch", __atomic_sub_fetch(&word, (u128)1 << 99, __ATOMIC_RELAXED));
    print128("nand_fetch", __atomic_nand_fetch(&word, 0xff, __ATOMIC_RELAXED));
    print128("or", __atomic_or_fetch(&word, (u128)3 << 80, __ATOMIC_RELAXED));
    print128("xor", __atomic_fetch_xor(&word, (u128)5 << 64, __ATOMIC_RELAXED));
    print128("exchange", __atomic_exchange_n(&word, 77, __ATOMIC_SEQ_CST));
    printf("cas %d", __atomic_compare_exchange_n(&word, &expected, 78, false, 5, 0));
    print128("", expected);
    printf("cas %d", __atomic_compare_exchange_n(&word, &expected, 78, true, 5, 0));
    print128("", word);
    counter = big;
    counter += 3;
    counter *= 3;
    counter--;
    print128("counter", ++counter);
    print128("counter", counter++);
    printf("lock free %d %d\n", __atomic_always_lock_free(8, 0), atomic_is_lock_free((_Atomic long *)0));
}

static void floating(void)
{
    ld += 2;
    ld *= ld;
    ld++;
    printf("%Lg\n", ld);
    cd = 1 + 2i;
    cd *= 2i;
    printf("%g %g\n", __real__ cd, __imag__ cd);
    cld = 3 - 1i;
    cld += 1i;
    cld /= 2;
    printf("%Lg %Lg\n", __real__ cld, __imag__ cld);
}

static void records(void)
{
    struct triple t = shared, u = { 7, 8, 9 }, seen;
    struct three x = { "ab" }, y = { "cd" }, z = { "ab" };
    struct pair p = { 1, -1 }, q = { 4, 5 };

    shared = u;
    printf("%ld %ld %ld\n", t.a, t.b, t.c);
    atomic_store(&shared, t);
    seen = atomic_exchange(&shared, u);
    printf("%ld %ld %ld\n", seen.a, seen.b, seen.c);
    printf("%d", atomic_compare_exchange_strong(&shared, &seen, t));
    printf(" %ld", seen.c);
    printf(" %d\n", atomic_compare_exchange_strong(&shared, &seen, t));
    printf("%d %s", __atomic_compare_exchange(&x, &z, &y, false, 5, 5), x.c);
    printf(" %d %s\n", __atomic_compare_exchange(&x, &z, &y, false, 5, 5), z.c);
    both = p;
    printf("%d %zu\n", atomic_compare_exchange_weak(&both, &p, q) || both.a == 1, _Alignof(both));
    __atomic_load(&both, &p, __ATOMIC_SEQ_CST);
    printf("%ld %ld\n", p.a, p.b);
}

int main(void)
{
    sixteen();
    floating();
    records();
}
