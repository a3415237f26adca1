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

/* Appends formatted text to line[0..LINE_SIZE-2], which leaves room for the newline. */
static size_t append(char *line, size_t used, const char *format, va_list args)
{
    int n = vsnprintf(line + used, LINE_SIZE - 1 - used, format, args);

    if (n < 0) {
        return used;
    }
    return used + (size_t)n < LINE_SIZE - 1 ? used + (size_t)n : LINE_SIZE - 2;
}

static size_t append_head(char *line, enum log_level level, const char *component)
{
    struct timespec now;
    struct tm tm;
    size_t used;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    used = strftime(line, LINE_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    used += (size_t)snprintf(line + used, LINE_SIZE - used, ".%03ldZ %s %.32s: ",
                             now.tv_nsec / 1000000, level_names[level], component);
    return used;
}

void log_message(enum log_level level, const char *component, const char *format, ...)
{
    char line[LINE_SIZE];
    int saved = errno;
    va_list args;

    if (!log_enabled(level)) {
        return;
    }
    size_t start = append_head(line, level, component);
    va_start(args, format);
    size_t used = append(line, start, format, args);
    va_end(args);
    for (size_t i = start; i < used; i++) {
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f) {
            line[i] = '?';
        }
    }
    line[used++] = '\n';
    while (write(STDERR_FILENO, line, used) < 0 && errno == EINTR) {
    }
    errno = saved;
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
