/*
 * trace.c - see trace.h. The output is the JSON of Chrome's trace event format, which Perfetto reads.
 */
#define TRACE_DESCRIPTIONS      /* the table of the points */

#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "trace_events.h"

enum {
    RECORDS_MAX = 1 << 20,      /* 64 MiB, taken as they are used */
    THREADS_MAX = 128,
};

struct record {
    uint64_t ns;
    int32_t thread;
    uint16_t event, count;
    uint64_t number[TRACE_NUMBERS];
    char text[TRACE_TEXT];
};

struct thread_name {
    int32_t thread;
    char name[TRACE_TEXT];
};

bool trace_on;

static struct record *records;
static uint64_t n_records;      /* those that found no room too; accessed with __atomic builtins */
static struct thread_name threads[THREADS_MAX];
static uint32_t n_threads;      /* accessed with __atomic builtins */
static FILE *out;

static int32_t this_thread(void)
{
    static __thread int32_t thread;

    if (thread == 0)
        thread = (int32_t)gettid();
    return thread;
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int trace_start(const char *path)
{
    size_t size = RECORDS_MAX * sizeof *records;
    void *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                      -1, 0);
    int error;

    out = room != MAP_FAILED ? fopen(path, "we") : NULL;
    if (out == NULL) {
        error = errno;
        log_error("vmm", "cannot make the trace '%s': %s", path, strerror(error));
        if (room != MAP_FAILED)
            munmap(room, size);
        return -error;
    }
    records = room;
    trace_on = true;
    trace_thread("loop");
    return 0;
}

static void copy_text(char *to, const char *text)
{
    snprintf(to, TRACE_TEXT, "%s", text);
    for (; *to != '\0'; to++)
        if (*to < ' ' || *to == '"' || *to == '\\' || *to == 0x7f)
            *to = '?';                      /* so that it needs no escapes */
}

void trace_record(unsigned event, const char *text, const uint64_t *numbers, unsigned count)
{
    uint64_t index = __atomic_fetch_add(&n_records, 1, __ATOMIC_RELAXED);
    struct record *r = &records[index];

    if (index >= RECORDS_MAX)
        return;
    r->ns = now_ns();
    r->thread = this_thread();
    r->event = (uint16_t)event;
    memcpy(r->number, numbers, count * sizeof numbers[0]);
    if (text != NULL)
        copy_text(r->text, text);
    __atomic_store_n(&r->count, count + 1, __ATOMIC_RELEASE);   /* 0: not complete */
}

void trace_thread(const char *name)
{
    uint32_t index;

    if (!trace_on)
        return;
    index = __atomic_fetch_add(&n_threads, 1, __ATOMIC_RELAXED);
    if (index >= THREADS_MAX)
        return;
    copy_text(threads[index].name, name);
    __atomic_store_n(&threads[index].thread, this_thread(), __ATOMIC_RELEASE);
}

static void print_number(uint64_t value, char kind)
{
    if (kind == 'd')
        fprintf(out, "%" PRId64, (int64_t)value);
    else if (kind == 'p')
        fprintf(out, "\"0x%" PRIx64 "\"", value);
    else
        fprintf(out, "%" PRIu64, value);
}

/* The name of a span is that of its two points without _begin and _end. */
static int name_length(const struct trace_description *d)
{
    size_t length = strlen(d->name);

    if (d->phase[0] == 'b')
        length -= strlen("_begin");
    else if (d->phase[0] == 'e')
        length -= strlen("_end");
    return (int)length;
}

static void print_span(const struct record *r)
{
    fprintf(out, ",\"cat\":\"span\",\"id\":\"%s", r->text);
    for (unsigned i = 0; i < 2 && i + 1 < r->count; i++)
        fprintf(out, "/%" PRIu64, r->number[i]);
    fprintf(out, "\"");
}

static void print_record(const struct record *r)
{
    const struct trace_description *d = &trace_descriptions[r->event];
    const char *comma = "";

    fprintf(out, ",\n{\"name\":\"%.*s\",\"ph\":\"%s\",\"ts\":%" PRIu64 ".%03u,\"pid\":%d,\"tid\":%d",
            name_length(d), d->name, d->phase, r->ns / 1000, (unsigned)(r->ns % 1000), (int)getpid(),
            (int)r->thread);
    fprintf(out, d->phase[0] == 'i' ? ",\"s\":\"t\"" : "");
    if (d->phase[0] != 'i')
        print_span(r);
    fprintf(out, ",\"args\":{");
    if (d->text != NULL) {
        fprintf(out, "\"%s\":\"%s\"", d->text, r->text);
        comma = ",";
    }
    for (unsigned i = 0; i + 1 < r->count; i++) {
        fprintf(out, "%s\"%s\":", comma, d->number[i]);
        print_number(r->number[i], d->kind[i]);
        comma = ",";
    }
    fprintf(out, "}}");
}

static void print_trace(uint64_t recorded, uint64_t lost)
{
    fprintf(out, "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"lost\":%" PRIu64 "},\"traceEvents\":[",
            lost);
    fprintf(out, "\n{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":%d,\"args\":{\"name\":\"vmm\"}}",
            (int)getpid());
    for (uint32_t i = 0; i < n_threads && i < THREADS_MAX; i++)
        fprintf(out,
                ",\n{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":%d,\"tid\":%d,"
                "\"args\":{\"name\":\"%s\"}}",
                (int)getpid(), (int)threads[i].thread, threads[i].name);
    for (uint64_t i = 0; i < recorded; i++)
        if (__atomic_load_n(&records[i].count, __ATOMIC_ACQUIRE) > 0)
            print_record(&records[i]);
    fprintf(out, "\n]}\n");
}

bool trace_finish(void)
{
    uint64_t seen = __atomic_load_n(&n_records, __ATOMIC_ACQUIRE);
    uint64_t recorded = seen < RECORDS_MAX ? seen : RECORDS_MAX;
    bool failed;

    if (!trace_on)
        return true;
    trace_on = false;
    print_trace(recorded, seen - recorded);
    failed = ferror(out);
    failed |= fclose(out) != 0;
    munmap(records, RECORDS_MAX * sizeof *records);
    if (failed)
        log_error("vmm", "cannot write the trace: %s", strerror(errno));
    else if (seen > recorded)
        log_warn("vmm", "the trace is full: %" PRIu64 " records are missing at its end",
                 seen - recorded);
    return !failed;
}
