/* A pointer to a thread-local variable, used before and after. */
#include <qemu/coroutine.h>
struct stats { int reads; };
static __thread struct stats mine;
int coroutine_fn bad(void)
{
    struct stats *p = &mine;
    p->reads++;
    qemu_coroutine_yield();
    p->reads++; //~ W0505: 'p' points to the thread-local 'mine' of the thread before a suspension
    p = &mine;
    return p->reads;
}
