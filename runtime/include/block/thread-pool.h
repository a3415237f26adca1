/* Calls that block, out of a coroutine's way, with QEMU's name (as of QEMU 8.1). */
#ifndef BLOCK_THREAD_POOL_H
#define BLOCK_THREAD_POOL_H

#include <block/aio.h>

typedef int ThreadPoolFunc(void *opaque);

/* Runs func(arg) in a thread of the pool and returns its result; the coroutine waits and goes on in
 * its own thread, which must have an AioContext.  At most 64 calls of the program run at once, the
 * others wait.  func is not in a coroutine.  Suspends. */
int coroutine_fn thread_pool_submit_co(ThreadPoolFunc *func, void *arg);

#endif
