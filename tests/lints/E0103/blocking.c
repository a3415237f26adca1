/* A coroutine_fn may not call what blocks its thread. */
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
#define no_coroutine_fn __attribute__((annotate("no_coroutine_fn")))
int no_coroutine_fn blk_pread(int fd);
int coroutine_fn blk_co_pread(int fd);

int coroutine_fn bad(int fd)
{
    return blk_pread(fd);       //~ E0103: coroutine_fn 'bad' calls no_coroutine_fn 'blk_pread'
}

int coroutine_fn good(int fd)
{
    return blk_co_pread(fd);
}

int plain(int fd)
{
    return blk_pread(fd);
}
