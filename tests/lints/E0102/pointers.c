/* A pointer must say whether it points to a coroutine_fn, wherever it is given a value. */
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
void coroutine_fn co_work(void);
void work(void);
typedef void coroutine_fn CoEntry(void);
struct ops { void (*plain)(void); void coroutine_fn (*co)(void); };
void start(CoEntry *entry);

void (*initialised)(void) = co_work;            //~ E0102
void coroutine_fn (*right)(void) = co_work;
struct ops ops = {
    .plain = co_work,                           //~ E0102
    .co = co_work,
};

void assign(struct ops *o)
{
    o->plain = work;
    o->co = work;                               //~ E0102
    start(co_work);
    start(work);                                //~ E0102
    o->plain = 0;
    o->co = (void coroutine_fn (*)(void))work;
}

CoEntry *returned(void)
{
    return work;                                //~ E0102
}
