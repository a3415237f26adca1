/* Tests that run in an event loop of their own: `ctx` is a new one for each, attached to the thread. */
#ifndef LOOP_TEST_H
#define LOOP_TEST_H

#include "test.h"

#include "loop.h"

static AioContext *ctx;

static inline void setup(void)
{
    CHECK_EQ(loop_new(&ctx), 0);
    loop_attach(ctx);
}

static inline void teardown(void)
{
    loop_free(ctx);
}

#endif
