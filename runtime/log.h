/* The log: one line per event on stderr, "time level component: message", or a JSON object with
 * these as members.
 *
 * Thread-safe; a line is one write(2), so lines do not mix.  What a hostile peer can cause again
 * and again goes through log_once or log_limited: logged, counted, and never a flood. */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Messages above this level are dropped.  Initially LOG_INFO, or the environment variable CPC_LOG
 * (error, warn, info, debug) at the first message. */
void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);

/* `component` is a short lower-case word; the message has no newline at its end.  Control
 * characters in it are printed as '?', so that foreign text cannot forge lines.  errno is kept. */
void log_message(enum log_level level, const char *component, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(component, ...) log_message(LOG_ERROR, component, __VA_ARGS__)
#define log_warn(component, ...) log_message(LOG_WARN, component, __VA_ARGS__)
#define log_info(component, ...) log_message(LOG_INFO, component, __VA_ARGS__)
#define log_debug(component, ...) log_message(LOG_DEBUG, component, __VA_ARGS__)

/* From now on each line is a JSON object: {"time", "level", "component", "message"}. */
void log_use_json(void);

/* A line that only the JSON log has: {"time", "event": `event`, ...}. `members` is JSON text that goes
 * on behind the event's name (", \"status\": 0"), or empty.  Whatever the level is. */
void log_event(const char *event, const char *members);

/* True for the first caller with this flag, which starts as false: if (log_first(&dev->said))
 * log_warn(...). */
bool log_first(bool *said);

/* At most `burst` messages a second: a place's own counter, all zero at first. */
struct log_limit {
    int64_t second;      /* the second that is counted */
    uint32_t passed;     /* in it */
    uint64_t suppressed; /* since the last one that passed */
};

/* True when a message may be logged now; *suppressed is how many were not since the last.  One
 * thread. */
bool log_allowed(struct log_limit *limit, uint32_t burst, uint64_t *suppressed);

#endif
