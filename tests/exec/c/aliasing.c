/* What C11 6.5p7 lets lvalues of different types do to the same object: unions, characters, records, and memory that
 * changes its type.  Optimisers that are told too much about types break exactly these. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int __attribute__((may_alias)) any_int;

union number {
    float f;
    uint32_t u;
    struct {
        uint16_t low, high;
    } half;
    unsigned char bytes[4];
    uint16_t words[2];
};

struct outer {
    int kind;
    union {
        double d;
        uint64_t u;
        struct {
            int a, b;
        };
    };
};

static uint32_t through_union(union number *n, float f)
{
    n->u = 1;
    n->f = f;
    n->half.low ^= 1;
    n->words[1] += 2;
    n->bytes[0] += 4;
    return n->u;
}

static uint64_t through_anonymous(struct outer *o, double d)
{
    o->u = 7;
    o->d = d;
    o->a += 1;
    o->b ^= 0x10000;
    return o->u;
}

static int through_char(int *p, unsigned char *c)
{
    *p = 1;
    c[1] = 2;
    return *p;
}

static float through_may_alias(float *f, any_int *i)
{
    *f = 1.0f;
    *i += 0x800000;
    return *f;
}

static unsigned through_signed(int *p, unsigned *q)
{
    *p = 5;
    *q += 3;
    return (unsigned)*p;
}

static long reused(void)
{
    char *memory = malloc(64);
    long sum = 0;
    for (int i = 0; memory && i < 4; i++) {
        int *as_int = (int *)memory;
        *as_int = i;
        sum += *as_int;
        float *as_float = (float *)memory;
        *as_float = (float)i * 2;
        sum += (long)*as_float;
        memcpy(memory, &i, sizeof(i));
        sum += *as_int;
    }
    free(memory);
    return sum;
}

static int flags(bool *flags, unsigned char *raw, int n)
{
    int set = 0;
    for (int i = 0; i < n; i++) {
        raw[i] = !raw[i];
        set += flags[i];
    }
    return set;
}

static struct outer choose(struct outer a, struct outer b, int which)
{
    return which ? a : b;
}

int main(void)
{
    union number n;
    struct outer o = {1, .d = 2.5}, other = {2, .u = 9};
    int i;
    float f;
    bool set[5] = {true, false, true};
    printf("%08x\n", (unsigned)through_union(&n, 1.5f));
    printf("%016llx\n", (unsigned long long)through_anonymous(&o, -3.25));
    printf("%d\n", through_char(&i, (unsigned char *)&i));
    printf("%g\n", (double)through_may_alias(&f, (any_int *)&f));
    printf("%u\n", through_signed(&i, (unsigned *)&i));
    printf("%ld\n", reused());
    printf("%d\n", flags(set, (unsigned char *)set, 5));
    o.d = 8;
    printf("%llx %llx\n", (unsigned long long)choose(o, other, 1).u, (unsigned long long)choose(o, other, 0).u);
    o.u = 0x4010000000000000u;
    printf("%g %d\n", (o.kind ? o : other).d, (int)((union number){.f = 1.0f}).half.high);
    return 0;
}
