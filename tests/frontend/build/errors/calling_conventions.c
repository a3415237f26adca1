/* Functions that are called as on Windows have lists of arguments of their own, and no coroutines. */
#define MS __attribute__((ms_abi))

int MS own(int n, ...)
{
    __builtin_va_list list;
    __builtin_va_start(list, n); //~ E0274: va_start in an ms_abi function
    return n;
}

int usual(int n, ...)
{
    __builtin_ms_va_list list;
    __builtin_ms_va_start(list, n); //~ E0274: __builtin_ms_va_start outside of an ms_abi function with variable arguments
    return n;
}

int lists(int *p, __builtin_va_list list)
{
    __builtin_ms_va_end(list); //~ E0274: this is not a __builtin_ms_va_list
    return __builtin_va_arg(p, int); //~ E0274: 'int *' is not a va_list
}

void MS twice(void) __attribute__((annotate("coroutine_fn"))); //~ E0340: attribute 'ms_abi' of a coroutine function is not supported
int (MS *same)(int, ...) = own;
