/* Memory of the stack over a suspension, and in a loop; not before it, or with a constant length. */
#include <alloca.h>
#include <stddef.h>
#include <qemu/coroutine.h>
enum { LENGTH = 8 };
int coroutine_fn kept(size_t n)
{
    char *p = alloca(n); //~ W0514: 'p', memory of alloca, is kept while 'kept' waits
    qemu_coroutine_yield();
    return p[0];
}
int coroutine_fn array(size_t n)
{
    char p[n + 1]; //~ W0514: 'p', a variable length array, is kept while 'array' waits
    p[0] = 0;
    qemu_coroutine_yield();
    return p[n];
}
void coroutine_fn loop(int n)
{
    while (n--) {
        char *p = alloca(16); //~ W0514: 'loop' calls alloca in a loop that waits
        p[0] = 0;
        qemu_coroutine_yield();
    }
}
int coroutine_fn good(size_t n)
{
    char fixed[LENGTH * sizeof n], *p;
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        char part[n];
        p = alloca(n);
        p[0] = part[0] = 1;
        sum += p[0] + part[0];
    }
    fixed[0] = 1;
    qemu_coroutine_yield();
    p = fixed;
    return sum + p[0];
}
