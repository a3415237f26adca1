/* A coroutine reads and writes variables of another one that is suspended, and of its enterer. */
#include "construct.h"

struct shared { long *cell; struct { short s; long array[3]; } *block; int ended; };

static void coroutine_fn owner(void *opaque)
{
    struct shared *shared = opaque;
    long cell = 1;
    struct { short s; long array[3]; } block = { 5, { 1, 2, 3 } };

    shared->cell = &cell;
    shared->block = (void *)&block;
    for (int i = 0; i < 4; i++) {
        qemu_coroutine_yield();
        say("owner", cell * 1000 + block.array[i % 3] + block.s);
        cell += i;
    }
    shared->ended = 1;
}

static void coroutine_fn change(struct shared *shared, int turn)
{
    long mine = turn;
    long *place = turn % 2 ? shared->cell : &mine;

    may_wait();
    *place = *shared->cell * 2 + mine;
    shared->block->array[turn % 3] += *place;
    shared->block->s++;
}

static void coroutine_fn test(void)
{
    struct shared shared = { 0 };
    Coroutine *co = qemu_coroutine_create(owner, &shared);

    qemu_coroutine_enter(co);
    for (int turn = 0; !shared.ended; turn++) {
        change(&shared, turn);
        may_wait();
        qemu_coroutine_enter(co);
    }
}
