/* A boxed buffer, saved scalars that share the space behind the state, a yield, and a call in tail position. */
typedef unsigned long size_t;
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
long coroutine_fn co_read(int fd, void *buffer, size_t size);
long coroutine_fn co_write(int fd, const void *buffer, size_t size);
int coroutine_fn co_flush(int fd);

int coroutine_fn co_copy(int from, int to)
{
    char buffer[256];
    long done = 0, got;

    while ((got = co_read(from, buffer, sizeof buffer)) > 0) {
        if (co_write(to, buffer, (size_t)got) != got) {
            return -5;
        }
        done += got;
    }
    return got < 0 ? (int)got : done > 1000 ? co_flush(to) : 0;
}

int plain(void)
{
    return 0;
}
