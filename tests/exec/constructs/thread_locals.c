/* Thread-local variables are found anew after a suspension (not interpreted: errno's function). */
#include "construct.h"

#include <errno.h>

static __thread long counter;
static _Thread_local int array[4];

static long *address(void) { return &counter; }

static void coroutine_fn test(void)
{
    long *before = &counter;

    counter = get(5);
    may_wait();
    counter++;
    array[get(2)] = 7;
    errno = 33;
    may_wait();
    say("same thread, same address", before == &counter && address() == before);
    say("counter", counter);
    say("array", array[2]);
    errno = (int)get(34);
    say("errno", errno);
}
