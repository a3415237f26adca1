/* A lock guard in a for header, as QEMU_LOCK_GUARD and WITH_QEMU_LOCK_GUARD: unlocked once on every path. */
#include "construct.h"

struct lock { int held, taken; };

static struct lock lock;

static struct lock *coroutine_fn take(struct lock *l)
{
    may_wait();
    say("held before", l->held++);
    l->taken++;
    return l;
}

static void coroutine_fn drop(struct lock **l)
{
    if (*l) {
        (*l)->held--;
        may_wait();
    }
}

#define LOCK_GUARD(l) struct lock *guard_ __attribute__((cleanup(drop), unused)) = take(l)
#define WITH_LOCK_GUARD(l) \
    for (struct lock *guard_ __attribute__((cleanup(drop))) = take(l), *once_ = guard_; once_; once_ = NULL)

static int coroutine_fn f(int way)
{
    WITH_LOCK_GUARD(&lock) {
        if (get(way) == 0) {
            return 1;
        }
        if (way == 1) {
            break;
        }
        may_wait();
    }
    LOCK_GUARD(&lock);
    if (way == 2) {
        goto out;
    }
    may_wait();
    return 2;
out:
    return (int)get(3);
}

static void coroutine_fn test(void)
{
    for (int way = 0; way < 4; way++) {
        int result = f(way);
        say("result", result);
        say("held", lock.held);
        say("taken", lock.taken);
    }
}
