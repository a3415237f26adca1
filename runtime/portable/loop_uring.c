/* Stands in for the io_uring back end where a target has no liburing: opening it fails as on a kernel
 * without io_uring, so that the loop takes epoll.  Requires nothing; no other function is reached. */
#include <errno.h>
#include "loop_impl.h"

static int no_uring_open(AioContext *ctx)
{
    (void)ctx;
    return -ENOSYS;
}

const struct loop_backend loop_uring = {
    .name = "io_uring",
    .open = no_uring_open,
};
