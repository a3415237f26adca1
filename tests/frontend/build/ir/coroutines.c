/* Calls through a coroutine type are cocalls, co_yield functions yields; large results go behind sret. */
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
struct pair {
    long a, b;
};
void coroutine_fn yield(void) __attribute__((annotate("co_yield")));
struct pair coroutine_fn read_pair(int fd);
typedef int coroutine_fn worker(void *);
struct ops {
    worker *run;
};

long coroutine_fn work(struct ops *ops, void *arg)
{
    struct pair p = read_pair(3);
    yield();
    return p.b + ops->run(arg);
}
