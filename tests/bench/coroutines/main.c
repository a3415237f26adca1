/* Measures one system: `main ROW:OPS:BATCHES...` prints a line `ROW nanoseconds sum` for each.
 *
 * A figure is the time of one operation in the fastest of the batches: batches are short, so that
 * some are not interrupted.  The sum is of the work done, and the same in every system.  The row
 * memory:N, or separate-memory:N, prints bytes resident for each of N suspended coroutines of call
 * depth 3. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NEST 1000

NOINLINE void bench_fill(char *buffer, long seed)
{
    memcpy(buffer, &seed, sizeof seed);
    memcpy(buffer + BUFFER - sizeof seed, &seed, sizeof seed);
}

NOINLINE long bench_read(const char *buffer)
{
    long first, last;

    memcpy(&first, buffer, sizeof first);
    memcpy(&last, buffer + BUFFER - sizeof last, sizeof last);
    return first + 3 * last;
}

NOINLINE void bench_pause(void)
{
    abort();
}

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static struct work work_of(long iters, long yields)
{
    struct work w = { .k = 12345, .yields = yields, .iters = iters, .never = -1 };

    for (int i = 0; i < LIVE; i++) {
        w.values[i] = i * 7 + 1;
    }
    return w;
}

static long run_root(int root, long iters, long yields)
{
    struct work w = work_of(iters, yields);

    if (coroutine_system.run(&w, root) != iters * yields + 1) {
        fail("the coroutine was not entered as often as it yields");
    }
    return w.sum;
}

/* One coroutine, whose innermost level yields `n` times in one call. */
static long run_deep(int root, long n)
{
    struct work w = work_of(1, n);

    if (coroutine_system.run(&w, root) != n + 1) {
        fail("the coroutine was not entered as often as it yields");
    }
    return w.sum;
}

static long run_nesting(long n)
{
    struct nest nest = { 0, 0, NEST };

    for (long i = 0; i < n; i += NEST) {
        nest.entered = 0;
        coroutine_system.nesting(&nest);
    }
    return nest.returned;
}

static const struct row {
    const char *name;
    int root;
    long yields;
} rows[] = {
    { "call-1", STATIC_1, 0 }, { "call-3", STATIC_3, 0 },
    { "call-8", STATIC_8, 0 }, { "call-32", STATIC_32, 0 },
    { "suspend-1", STATIC_1, 1 }, { "suspend-3", STATIC_3, 1 },
    { "suspend-8", STATIC_8, 1 }, { "suspend-32", STATIC_32, 1 },
    { "separate-call-1", SEPARATE_1, 0 }, { "separate-call-3", SEPARATE_3, 0 },
    { "separate-call-8", SEPARATE_8, 0 }, { "separate-call-32", SEPARATE_32, 0 },
    { "separate-suspend-1", SEPARATE_1, 1 }, { "separate-suspend-3", SEPARATE_3, 1 },
    { "separate-suspend-8", SEPARATE_8, 1 }, { "separate-suspend-32", SEPARATE_32, 1 },
    { "hot-loop", HOT_LOOP, 0 },
    { "buffer-call", BUFFER_STATIC, 0 }, { "buffer-suspend", BUFFER_STATIC, 1 },
    { "separate-buffer-call", BUFFER_SEPARATE, 0 },
    { "separate-buffer-suspend", BUFFER_SEPARATE, 1 },
    { "live-call", LIVE_VALUES, 0 }, { "live-suspend", LIVE_VALUES, 1 },
};

static long run_row(const char *name, long ops)
{
    if (strcmp(name, "lifecycle") == 0) {
        coroutine_system.lifecycle(ops);
        return 0;
    }
    if (strcmp(name, "cost") == 0) {
        coroutine_system.cost(ops);
        return 0;
    }
    if (strcmp(name, "nesting") == 0) {
        return run_nesting(ops);
    }
    if (strcmp(name, "yield") == 0) {
        coroutine_system.yields(ops);
        return 0;
    }
    if (strcmp(name, "deep-yield-32") == 0) {
        return run_deep(SEPARATE_32, ops);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(name, rows[i].name) == 0) {
            return run_root(rows[i].root, ops, rows[i].yields);
        }
    }
    fail("no such row");
    return 0;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static void measure(const char *name, long ops, long batches)
{
    double best = 1e300;
    long sum = run_row(name, ops);

    for (long i = 0; i < batches; i++) {
        double start = now();
        if (run_row(name, ops) != sum) {
            fail("two batches have different sums");
        }
        double took = now() - start;
        best = took < best ? took : best;
    }
    printf("%s %.4f %ld\n", name, best / ops, sum);
}

static long resident_bytes(void)
{
    long total, resident;
    FILE *file = fopen("/proc/self/statm", "r");

    if (!file || fscanf(file, "%ld %ld", &total, &resident) != 2) {
        fail("/proc/self/statm");
    }
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

/* All share one object to work on, which therefore ends with the first. */
static void memory(const char *name, int root, long n)
{
    struct work w = work_of(1, 1);
    void **all = malloc(n * sizeof *all);

    memset(all, 1, n * sizeof *all);
    long before = resident_bytes();
    for (long i = 0; i < n; i++) {
        all[i] = coroutine_system.spawn(&w, root);
    }
    long after = resident_bytes();
    for (long i = 0; i < n; i++) {
        coroutine_system.resume(all[i]);
    }
    printf("%s %.1f %ld\n", name, (double)(after - before) / n, w.sum / n);
    free(all);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *name = strtok(argv[i], ":");
        char *ops = strtok(NULL, ":"), *batches = strtok(NULL, ":");
        if (!ops) {
            fail("usage: ROW:OPS:BATCHES... or memory:N");
        }
        if (strcmp(name, "memory") == 0) {
            memory(name, STATIC_3, atol(ops));
        } else if (strcmp(name, "separate-memory") == 0) {
            memory(name, SEPARATE_3, atol(ops));
        } else {
            measure(name, atol(ops), batches ? atol(batches) : 1);
        }
        fflush(stdout);
    }
    return 0;
}
