/* A mixed function of another unit. */
#include <qemu/coroutine.h>
#include <stdio.h>

struct two { long a; double b; };
typedef int coroutine_fn CoStep(int);

int coroutine_mixed_fn step(int x);
struct two coroutine_mixed_fn both(int x, ...);
extern CoStep *const waiting;
extern int (*const blocking)(int);
extern int waits, blocks;
