/* What suspended coroutines cost: a hundred thousand of call depth 3 stay under 60 MB resident,
 * and what they used is used again.  Only for stackless coroutines. */
#include "test.h"

#include "co.h"

#define N 100000

static long resident_bytes(void)
{
    long total, resident;
    FILE *file = fopen("/proc/self/statm", "r");

    CHECK(file && fscanf(file, "%ld %ld", &total, &resident) == 2);
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

static __attribute__((noinline)) long coroutine_fn third(long a)
{
    qemu_coroutine_yield();
    return a + 1;
}

static __attribute__((noinline)) long coroutine_fn second(long a, long b)
{
    return third(a) * b;
}

static __attribute__((noinline)) long coroutine_fn first(long a)
{
    return second(a, 3) + a;
}

static void coroutine_fn body(void *opaque)
{
    long *value = opaque;

    *value = first(*value);
}

static Coroutine *cos[N];
static long values[N];

static void suspend_all(void)
{
    for (long i = 0; i < N; i++) {
        values[i] = i;
        cos[i] = qemu_coroutine_create(body, &values[i]);
        qemu_coroutine_enter(cos[i]);
    }
}

static void finish_all(void)
{
    for (long i = 0; i < N; i++) {
        qemu_coroutine_enter(cos[i]);
        CHECK_EQ(values[i], (i + 1) * 3 + i);
    }
}

static void test_resident(void)
{
    memset(cos, 1, sizeof cos);
    memset(values, 1, sizeof values);
    long before = resident_bytes();
    suspend_all();
    long used = resident_bytes() - before;
    fprintf(stderr, "%ld bytes resident per suspended coroutine\n", used / N);
    CHECK(used < 60L * 1000 * 1000);
    finish_all();
    /* The second time needs nothing new. */
    suspend_all();
    CHECK(resident_bytes() - before < used + 1000 * 1000);
    finish_all();
}

static const struct test tests[] = {
    { "resident", test_resident },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
