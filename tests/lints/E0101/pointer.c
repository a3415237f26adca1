/* Calls through annotated pointers, members, typedefs and parameters count too. */
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
typedef void coroutine_fn Entry(void *);
struct ops { int coroutine_fn (*flush)(int); int (*plain)(int); };

int plain(struct ops *ops, Entry *entry, void coroutine_fn (*f)(void))
{
    entry(ops);                 //~ E0101: 'plain' calls a coroutine_fn through a pointer
    f();                        //~ E0101: 'plain' calls a coroutine_fn through a pointer
    ops->plain(1);
    return ops->flush(1);       //~ E0101: 'plain' calls a coroutine_fn through a pointer
}

int coroutine_fn good(struct ops *ops, Entry *entry)
{
    entry(ops);
    return ops->flush(1) + ops->plain(1);
}
