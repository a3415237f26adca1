/* Function pointers keep their colour through every implicit conversion; an explicit cast is silent. */
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
int coroutine_fn co(int);
int plain(int);
static int coroutine_fn (*good)(int) = co;
static int (*bad)(int) = co; //~ E0102: initializing 'int (*)(int)' from 'int coroutine_fn (*)(int)': one is coroutine_fn, the other is not
void take(int (*f)(int));

void f(void)
{
    take(plain);
    take(co); //~ E0102: passing argument 1 of 'take', 'int (*)(int)' from 'int coroutine_fn (*)(int)': one is coroutine_fn, the other is not
    good = plain; //~ E0102: assigning to 'int coroutine_fn (*)(int)' from 'int (*)(int)': one is coroutine_fn, the other is not
    bad = (int (*)(int))co;
}

int coroutine_fn g(void)
{
    return __builtin_setjmp(0); //~ E0312: __builtin_setjmp in a coroutine_fn is not supported
}

/* What is wrong in a mixed function is said once, of the version for plain callers. */
__attribute__((annotate("coroutine_mixed_fn"))) int mixed(int x)
{
    if (x && missing) { //~ E0261: 'missing' is not declared
        return co(x);
    }
    return 0;
}
