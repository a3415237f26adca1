/* A coroutine function with a loop, a yield, a call and a boxed variable. */
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
void coroutine_fn __attribute__((annotate("co_yield"))) co_yield(void);
void coroutine_fn fetch(int *to);
int coroutine_fn loop(int n)
{
    int sum = 0, got;
    for (int i = 0; i < n; i++) {
        co_yield();
        fetch(&got);
        sum += got;
    }
    return sum;
}
