/* Guards as QEMU has them say which lock they hold; who wakes a coroutine need not be one. */
#include <qemu/coroutine.h>
typedef struct QemuLockable { void *object; void (*lock)(void *), (*unlock)(void *); } QemuLockable;
static inline void qemu_lockable_co_mutex_lock(void *x) { if (qemu_in_coroutine()) qemu_co_mutex_lock(x); }
static inline void qemu_lockable_co_mutex_unlock(void *x) { if (qemu_in_coroutine()) qemu_co_mutex_unlock(x); }
static inline void qemu_lockable_mutex_lock(void *x) { *(int *)x = 1; }
static inline void qemu_lockable_mutex_unlock(void *x) { *(int *)x = 0; }
static inline QemuLockable *qemu_lockable_auto_lock(QemuLockable *x) { x->lock(x->object); return x; }
static inline void qemu_lockable_auto_unlock(QemuLockable *x) { x->unlock(x->object); }
static inline void glib_autoptr_cleanup_QemuLockable(QemuLockable **x) { if (*x) qemu_lockable_auto_unlock(*x); }
#define LOCK_GUARD(kind, x) \
    __attribute__((cleanup(glib_autoptr_cleanup_QemuLockable))) QemuLockable *guard = qemu_lockable_auto_lock( \
        &(QemuLockable){ (x), .lock = qemu_lockable_##kind##_lock, .unlock = qemu_lockable_##kind##_unlock })
struct s { CoMutex co_lock; int lock; int n; Coroutine *waiter; };
static int coroutine_fn locked(struct s *s) { LOCK_GUARD(co_mutex, &s->co_lock); return s->n++; }
static int coroutine_fn counted(struct s *s) { LOCK_GUARD(mutex, &s->lock); return s->n++; } //~ W0502: 'counted'
static void coroutine_fn wake(struct s *s) { qemu_coroutine_enter(s->waiter); } //~ W0502: 'wake'
int coroutine_fn start(struct s *s) { qemu_coroutine_yield(); wake(s); return counted(s) + locked(s); }
