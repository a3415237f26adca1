/* Guards as QEMU has them: the functions of the lock are in a QemuLockable, which a cleanup ends. */
#include <qemu/coroutine.h>
typedef struct QemuLockable { void *object; void (*lock)(void *), (*unlock)(void *); } QemuLockable;
static inline void qemu_lockable_co_mutex_lock(void *x) { if (qemu_in_coroutine()) qemu_co_mutex_lock(x); }
static inline void qemu_lockable_co_mutex_unlock(void *x) { if (qemu_in_coroutine()) qemu_co_mutex_unlock(x); }
static inline QemuLockable *qemu_lockable_auto_lock(QemuLockable *x) { x->lock(x->object); return x; }
static inline void qemu_lockable_auto_unlock(QemuLockable *x) { x->unlock(x->object); }
static inline void glib_autoptr_cleanup_QemuLockable(QemuLockable **x) { if (*x) qemu_lockable_auto_unlock(*x); }
#define QEMU_LOCK_GUARD(x) \
    __attribute__((cleanup(glib_autoptr_cleanup_QemuLockable))) QemuLockable *guard = qemu_lockable_auto_lock( \
        &(QemuLockable){ (x), .lock = qemu_lockable_co_mutex_lock, .unlock = qemu_lockable_co_mutex_unlock })
struct s { CoMutex lock; int n; };
static int coroutine_fn co_read(struct s *s) { qemu_coroutine_yield(); return s->n++; }
void plain(struct s *s)
{
    QEMU_LOCK_GUARD(&s->lock); //~ E0107: 'plain' is not coroutine_fn but releases the CoMutex
    s->n++;
}
int coroutine_fn good(struct s *s)
{
    QEMU_LOCK_GUARD(&s->lock);
    return co_read(s);
}
