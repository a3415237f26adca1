/* The log: formats into a bounded line and writes it at once. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 1024

static const char *const level_names[] = { "error", "warn", "info", "debug" };

static bool use_json;      /* atomic */
static int threshold = -1; /* atomic; -1: the environment has not been asked */

void log_set_level(enum log_level level)
{
    __atomic_store_n(&threshold, (int)level, __ATOMIC_RELAXED);
}

static int level_from_environment(void)
{
    const char *name = getenv("CPC_LOG");

    for (int i = 0; name && i < (int)(sizeof level_names / sizeof level_names[0]); i++) {
        if (strcmp(name, level_names[i]) == 0) {
            return i;
        }
    }
    return LOG_INFO;
}

bool log_enabled(enum log_level level)
{
    int limit = __atomic_load_n(&threshold, __ATOMIC_RELAXED);

    if (limit < 0) {
        limit = level_from_environment();
        log_set_level((enum log_level)limit);
    }
    return (int)level <= limit;
}

static size_t append_time(char *line)
{
    struct timespec now;
    struct tm tm;
    size_t used;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    used = strftime(line, LINE_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    return used + (size_t)snprintf(line + used, LINE_SIZE - used, ".%03ldZ",
                                   now.tv_nsec / 1000000);
}

static void write_line(const char *line, size_t size)
{
    while (write(STDERR_FILENO, line, size) < 0 && errno == EINTR) {
    }
}

static void write_text(enum log_level level, const char *component, const char *text)
{
    char line[LINE_SIZE];
    size_t used = append_time(line);
    int n = snprintf(line + used, LINE_SIZE - 1 - used, " %s %.32s: %s", level_names[level],
                     component, text);

    used = used + (size_t)n < LINE_SIZE - 1 ? used + (size_t)n : LINE_SIZE - 2;
    line[used++] = '\n';
    write_line(line, used);
}

/* Text has no control characters here. Bytes beyond ASCII may be half a character: '?'. */
static size_t append_string(char *line, size_t used, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\') {
            line[used++] = '\\';
        }
        line[used++] = c < 0x80 ? (char)c : '?';
    }
    return used;
}

static void write_json(enum log_level level, const char *component, const char *text)
{
    char line[3 * LINE_SIZE], when[LINE_SIZE], name[33];
    size_t used;

    append_time(when);
    snprintf(name, sizeof name, "%s", component);
    used = (size_t)snprintf(line, sizeof line, "{\"time\":\"%.40s\",\"level\":\"%s\",\"component\":\"",
                            when, level_names[level]);
    used = append_string(line, used, name);
    used += (size_t)snprintf(line + used, sizeof line - used, "\",\"message\":\"");
    used = append_string(line, used, text);
    used += (size_t)snprintf(line + used, sizeof line - used, "\"}\n");
    write_line(line, used);
}

void log_message(enum log_level level, const char *component, const char *format, ...)
{
    char text[LINE_SIZE];
    int saved = errno;
    va_list args;

    if (!log_enabled(level)) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            *c = '?';
        }
    }
    if (__atomic_load_n(&use_json, __ATOMIC_RELAXED)) {
        write_json(level, component, text);
    } else {
        write_text(level, component, text);
    }
    errno = saved;
}

void log_use_json(void)
{
    __atomic_store_n(&use_json, true, __ATOMIC_RELAXED);
}

void log_event(const char *event, const char *members)
{
    char line[LINE_SIZE], when[LINE_SIZE];
    int n;

    if (!__atomic_load_n(&use_json, __ATOMIC_RELAXED)) {
        return;
    }
    append_time(when);
    n = snprintf(line, sizeof line, "{\"time\":\"%.40s\",\"event\":\"%.32s\"%s}\n", when, event,
                 members);
    if (n > 0 && (size_t)n < sizeof line) {
        write_line(line, (size_t)n);
    }
}

bool log_first(bool *said)
{
    return !__atomic_exchange_n(said, true, __ATOMIC_RELAXED);
}

bool log_allowed(struct log_limit *limit, uint32_t burst, uint64_t *suppressed)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (limit->second != now.tv_sec) {
        limit->second = now.tv_sec;
        limit->passed = 0;
    }
    if (limit->passed >= burst) {
        limit->suppressed++;
        return false;
    }
    limit->passed++;
    *suppressed = limit->suppressed;
    limit->suppressed = 0;
    return true;
}
