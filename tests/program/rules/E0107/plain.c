/* The mutex of a coroutine, released where none runs: directly, by a guard, and where the declaration says nothing. */
#include <stdbool.h>
#include <qemu/coroutine.h>
#include <qemu/lockable.h>
struct s { CoMutex lock; CoRwlock rw; int n; };
void plain(struct s *s)
{
    s->n++;
    qemu_co_mutex_unlock(&s->lock); //~ E0107: 'plain' is not coroutine_fn but releases the CoMutex 's->lock'
}
void readers(struct s *s)
{
    qemu_co_rwlock_unlock(&s->rw); //~ E0107: 'readers' is not coroutine_fn but releases the CoRwlock 's->rw'
}
void coroutine_fn good(struct s *s)
{
    qemu_co_mutex_lock(&s->lock);
    s->n++;
    qemu_co_mutex_unlock(&s->lock);
}
void guarded(struct s *s, bool locked)
{
    if (locked && qemu_in_coroutine())
        qemu_co_mutex_unlock(&s->lock);
}
