/* A return without the release that the others make. */
#include <qemu/coroutine.h>
struct s { CoMutex lock; int n; };
static int coroutine_fn co_read(struct s *s) { qemu_coroutine_yield(); return s->n++; }
int coroutine_fn bad(struct s *s)
{
    qemu_co_mutex_lock(&s->lock); //~ W0504: 'bad' suspends with the CoMutex 's->lock', and releases it on some paths only
    if (co_read(s) < 0)
        return -1;
    qemu_co_mutex_unlock(&s->lock);
    return 0;
}
int coroutine_fn good(struct s *s)
{
    int ret = -1;
    qemu_co_mutex_lock(&s->lock);
    if (co_read(s) < 0)
        goto out;
    ret = 0;
out:
    qemu_co_mutex_unlock(&s->lock);
    return ret;
}
int coroutine_fn read_lock(struct s *s)
{
    qemu_co_mutex_lock(&s->lock);
    if (co_read(s) < 0) {
        qemu_co_mutex_unlock(&s->lock);
        return -1;
    }
    return 0;
}
