/* Locks of the thread, not of coroutines; released before, released by the callee, not held on this path. */
#include <pthread.h>
#include <qemu/coroutine.h>
struct s { pthread_mutex_t lock; CoMutex co; CoQueue queue; int n; };
static void coroutine_fn co_read(struct s *s) { qemu_coroutine_yield(); s->n++; }
static void coroutine_fn no_wait(struct s *s) { s->n++; if (!qemu_coroutine_self()) s->n--; }
static void coroutine_fn wait_with(struct s *s, pthread_mutex_t *lock)
{
    pthread_mutex_unlock(lock);
    co_read(s);
    pthread_mutex_lock(lock);
}
void coroutine_fn bad(struct s *s)
{
    pthread_mutex_lock(&s->lock);
    co_read(s); //~ W0503: 'bad' holds a thread lock 's->lock' while it calls coroutine_fn 'co_read'
    pthread_mutex_unlock(&s->lock);
}
void coroutine_fn one_path(struct s *s, int x)
{
    if (x)
        pthread_mutex_lock(&s->lock);
    co_read(s); //~ W0503: 'one_path' holds
    if (x)
        pthread_mutex_unlock(&s->lock);
}
void coroutine_fn good(struct s *s)
{
    pthread_mutex_lock(&s->lock);
    s->n++;
    no_wait(s);
    qemu_co_queue_restart_all(&s->queue);
    wait_with(s, &s->lock);
    pthread_mutex_unlock(&s->lock);
    co_read(s);
    qemu_co_mutex_lock(&s->co);
    co_read(s);
    qemu_co_mutex_unlock(&s->co);
}
