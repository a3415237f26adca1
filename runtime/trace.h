/*
 * trace.h - records what happens, for a look at it in time (chrome://tracing, ui.perfetto.dev).
 *
 * The points themselves are in trace_events.h, made from trace-events. While nothing is recorded a
 * point costs the load of one flag and a branch that is predicted. Records go to a buffer of fixed
 * size, without locks; when it is full later ones are counted and lost. The file is written at the
 * end.
 *
 * Threads: trace_record and trace_thread in any; the others in one, with no other thread recording.
 */
#ifndef CPC_TRACE_H
#define CPC_TRACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TRACE_NUMBERS = 4,          /* of one record */
    TRACE_TEXT = 16,            /* bytes, with the final zero */
};

/* What a point is called and how its numbers are shown; a table of trace_events.h. */
struct trace_description {
    const char *name;
    const char *phase;          /* of the trace event format: i instant, b and e of a span */
    const char *text;           /* the parameter's name, or NULL */
    const char *number[TRACE_NUMBERS];  /* their names, NULL behind the last */
    const char *kind;           /* a letter each: u unsigned, d signed, p address */
};

extern bool trace_on;           /* constant while threads record */

/* Opens `path`, where the trace is to be, and begins to record. 0, or -errno logged. */
int trace_start(const char *path);

/* Writes the trace, if one was started. False, logged, when that failed. */
bool trace_finish(void);

/* One record; `text` may be NULL; `count` numbers. */
void trace_record(unsigned event, const char *text, const uint64_t *numbers, unsigned count);

/* Names the calling thread in the trace. */
void trace_thread(const char *name);

#endif
