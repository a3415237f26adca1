/* Several cleanups of one block run in the reverse order, each with the address of its own variable. */
#include "construct.h"

struct thing { int id, *seen; };

static int count;

static void done(struct thing *t) { *t->seen = ++count; say("done", t->id); }

static void coroutine_fn test(void)
{
    int seen[3] = { 0 };
    {
        struct thing __attribute__((cleanup(done))) a = { 1, &seen[0] };
        may_wait();
        struct thing __attribute__((cleanup(done))) b = { 2, &seen[1] };
        struct thing __attribute__((cleanup(done))) c = { (int)get(3), &seen[2] };
        b.id += 10;
        may_wait();
    }
    say("a", seen[0]), say("b", seen[1]), say("c", seen[2]);
    count = 0;
}
