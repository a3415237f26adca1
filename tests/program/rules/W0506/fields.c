/* A lost update, and the ways to do it right. */
#include <qemu/coroutine.h>
struct s { int n; int limit; };
void coroutine_fn bad(struct s *s)
{
    int n = s->n;
    qemu_coroutine_yield();
    s->n = n + 1; //~ W0506: 's->n' is set from 'n', a copy from before a suspension
}
void coroutine_fn good(struct s *s)
{
    int n = s->n;
    s->n = n + 1;
    qemu_coroutine_yield();
    n = s->n;
    s->n = n + 1;
    qemu_coroutine_yield();
    if (s->n != n)
        return;
    s->n = n + 1;
}
struct locked { CoMutex lock; int n; };
void coroutine_fn alone(struct locked *s)
{
    qemu_co_mutex_lock(&s->lock);
    int n = s->n;
    qemu_coroutine_yield();
    s->n = n + 1;
    qemu_co_mutex_unlock(&s->lock);
}
static void coroutine_fn under_lock(struct locked *s)
{
    int n = s->n;
    qemu_coroutine_yield();
    s->n = n + 1;
}
void coroutine_fn with_lock(struct locked *s)
{
    for (struct locked *once = s; once; qemu_co_mutex_unlock(&s->lock), once = (void *)0) {
        qemu_co_mutex_lock(&s->lock);
        under_lock(s);
    }
}
