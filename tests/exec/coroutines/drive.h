/* Runs a coroutine to its end and prints what it traces between enters: the schedule is part of the output. */
#ifndef DRIVE_H
#define DRIVE_H

#include <qemu/coroutine.h>
#include <stdio.h>
#include <string.h>

struct drive {
    CoroutineEntry *entry;
    void *arg;
    int done;
};

static void coroutine_fn drive_entry(void *opaque)
{
    struct drive *drive = opaque;

    drive->entry(drive->arg);
    drive->done = 1;
}

static inline void drive(const char *name, CoroutineEntry *entry, void *arg)
{
    struct drive drive = { entry, arg, 0 };
    Coroutine *co = qemu_coroutine_create(drive_entry, &drive);

    printf("%s:", name);
    for (int enters = 1; !drive.done; enters++) {
        qemu_coroutine_enter(co);
        printf(" |%d", enters);
    }
    printf("\n");
}

/* A coroutine call that suspends when `wait` is not 0, and gives back its second argument. */
static long coroutine_fn __attribute__((noinline, unused)) later(int wait, long value)
{
    if (wait) {
        qemu_coroutine_yield();
    }
    printf(" %ld", value);
    return value;
}

#endif
