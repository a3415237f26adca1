/* A plain function may not call a coroutine_fn, wherever the call stands. */
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
int coroutine_fn co_fdatasync(int fd);
void coroutine_fn co_close(int *fd);

static void coroutine_fn flush(int fd)
{
    co_fdatasync(fd);
}

void plain(int fd)
{
    co_fdatasync(3);            //~ E0101: 'plain' calls coroutine_fn 'co_fdatasync' but is not coroutine_fn
    if (fd && co_fdatasync(fd)) //~ E0101: 'plain' calls coroutine_fn 'co_fdatasync'
        flush(fd);              //~ E0101: 'plain' calls coroutine_fn 'flush'
    int x = sizeof(co_fdatasync(fd));
    (void)x;
}

void coroutine_fn good(int fd)
{
    co_fdatasync(fd);
    flush(fd);
}
