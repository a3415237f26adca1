/* Calls that nobody wrote as such: a cleanup attribute, a statement expression, a yield. */
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
void coroutine_fn co_unlock(int *lock);
__attribute__((annotate("co_yield"))) void coroutine_fn yield_now(void);
int coroutine_fn co_read(int);

int cleanup(int lock)
{
    int held __attribute__((cleanup(co_unlock))) = lock;
    return held;                //~ E0101: 'cleanup' calls coroutine_fn 'co_unlock'
}

int nested(int fd)
{
    return ({ int n = co_read(fd); n; });  //~ E0101: 'nested' calls coroutine_fn 'co_read'
}

void yields(void)
{
    yield_now();                //~ E0101: 'yields' calls coroutine_fn 'qemu_coroutine_yield'
}
