/* The host compiler's half of a program: calls our functions and is called by them. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct pair { long n; double f; };
struct large { long a[3]; };
struct ret { uint64_t value; uint8_t flag; };

extern int our_variable, our_alias, placed;
extern __thread int our_tls;
extern char order[8];
extern char about[8];
int our_add(int, int), add_alias(int, int), overridden(void), calls_theirs(struct large *), dispatch(long);
struct pair our_pair(long);
struct large our_large(struct large);
void prints_constants(void);
long calls_cold(long), assembly(long);
struct ret described(void *, uint64_t), count(uint64_t, uint64_t);
int exchange(int *), vectors(int *);

__thread int their_tls = 1000;
int their_variable = 10000;
int overridden(void) { return 2; }
struct pair their_pair(long n) { return (struct pair){ n * 2, n * 1.5 }; }
signed char their_char(signed char c) { return c / 2; }

struct large their_large(struct large in)
{
    struct large out = { { in.a[2], in.a[1], in.a[0] } };
    in.a[0] = -1;
    memset(&in, 0xff, sizeof in);
    return out;
}

int main(void)
{
    struct large in = { { 1, 2, 3 } }, out;
    int cell = 10, lanes[4] __attribute__((aligned(16))) = { 1, 2, 3, 4 };
    int32_t way;
    int *volatile alias = &our_alias; /* volatile: clang takes two extern names for two objects */

    assert(order[0] == 'A' && order[1] == 'B');
    assert(our_variable == 42 && alias == &our_variable && our_tls == 7 && placed == 99);
    assert(our_add(2, 3) == 5 && add_alias(2, 3) == 5 && overridden() == 2);
    struct pair pair = our_pair(9);
    assert(pair.n == 10 && pair.f == 4.5);
    out = our_large(in);
    assert(out.a[0] == 1 && out.a[2] == 4 && in.a[0] == 1);
    assert(calls_theirs(&out) == 40 + 5 - 64 + 1000 + 10000 + 30);
    assert(out.a[0] == 7 && out.a[2] == 5);
    assert(calls_cold(5) == 20);
    assert(dispatch(0) == 100 && dispatch(1) == 200);
    memcpy(&way, (char *)(uintptr_t)described - 4, 4);
    assert((char *)(uintptr_t)described + way == about);
    assert((uintptr_t)described % 16 == 0);
    assert(described(0, 5).value == 5 && described(0, 5).flag == 0);
    assert(count(10000000, 0).value == 10000000 && count(1, 0).flag == 1);
    assert(exchange(&cell) == 10 + 15 + 1 + 99);
    assert(vectors(lanes) == 5 + 1000);
    assert(assembly(4) == 10 + 6);
    prints_constants();
    return 0;
}
