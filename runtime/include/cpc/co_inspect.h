/* Looking at the coroutines of a running program: where each one waits, and how many there are.
 * (In a debugger: `cpc gdb`, which has `co bt`.) */
#ifndef CPC_CO_INSPECT_H
#define CPC_CO_INSPECT_H

#include <stdint.h>
#include <stdio.h>

/* Prints every live coroutine with its state and logical backtrace, innermost function first.
 *
 * What is shown of a function is where it waits, so a function that called another as its last act
 * (`return co_f();`) has left nothing to show, as with any tail call; and coroutines that run now
 * are on a thread's stack, where a debugger shows them.  Other threads may go on meanwhile:
 * a coroutine that is entered while its frames are read is reported as running again.
 * Allocates nothing and takes no lock. Thread-safe. */
void co_dump(FILE *out);
void co_dump_fd(int fd);

/* From now on the signal (SIGUSR1, say) makes the program co_dump_fd to standard error and go on.
 * 0 or -errno. */
int co_dump_on_signal(int signal_number);

struct co_stats {
    uint64_t created;     /* coroutines, since the program began */
    uint64_t live;        /* of them, now: created and not ended */
    uint64_t suspensions; /* yields of all coroutines, since the program began */
    uint64_t frame_bytes; /* memory that frames of live coroutines take now, besides the objects */
};

/* Sums what the threads have counted: exact when no other thread runs coroutines meanwhile.  Visits
 * every live coroutine.  Thread-safe. */
void co_stats(struct co_stats *stats);

#endif
