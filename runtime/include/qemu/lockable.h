/* One way to lock any lock, and locks that end with a scope, with QEMU's names.
 *
 * The unlock at the end of a scope happens on every path out of it.  A guard of a CoMutex belongs in
 * a coroutine_fn (fatal elsewhere); with the other locks one may stand in any function, but no
 * yield within its scope. */
#ifndef QEMU_LOCKABLE_H
#define QEMU_LOCKABLE_H

#include <qemu/compiler.h>
#include <qemu/coroutine.h>
#include <qemu/thread.h>

typedef struct QemuLockable {
    void *object;
    enum co_lock_kind kind; /* of object: not CO_LOCK_LOCKABLE; CO_LOCK_NONE: do nothing */
} QemuLockable;

/* co_queue.c: the locks of threads.  Thread-safe. */
void co_thread_lock(void *object, enum co_lock_kind kind);
void co_thread_unlock(void *object, enum co_lock_kind kind);

static inline QemuLockable *qemu_make_lockable(void *object, enum co_lock_kind kind,
                                               QemuLockable *lockable)
{
    if (!object || kind == CO_LOCK_NONE) {
        return NULL;
    }
    if (kind == CO_LOCK_LOCKABLE) {
        return (QemuLockable *)object;
    }
    *lockable = (QemuLockable){ object, kind };
    return lockable;
}

/* A QemuLockable * for a lock of any type; NULL for NULL.  It lives as long as the block. */
#define QEMU_MAKE_LOCKABLE(x) qemu_make_lockable((x), CO_LOCK_KIND(x), &(QemuLockable){ 0 })
#define QEMU_MAKE_LOCKABLE_NONNULL(x) QEMU_MAKE_LOCKABLE(x)

/* Suspends when it is for a CoMutex, which needs a coroutine (fatal elsewhere). */
static inline void coroutine_mixed_fn qemu_lockable_lock(QemuLockable *x)
{
    if (qemu_in_coroutine() && x->kind == CO_LOCK_COMUTEX) {
        qemu_co_mutex_lock((CoMutex *)x->object);
    } else {
        co_thread_lock(x->object, x->kind);
    }
}

static inline void coroutine_mixed_fn qemu_lockable_unlock(QemuLockable *x)
{
    if (qemu_in_coroutine() && x->kind == CO_LOCK_COMUTEX) {
        qemu_co_mutex_unlock((CoMutex *)x->object);
    } else {
        co_thread_unlock(x->object, x->kind);
    }
}

/* ---- guards ---- */

static inline QemuLockable coroutine_mixed_fn co_guard_begin(void *object, enum co_lock_kind kind)
{
    QemuLockable guard = { object, object ? kind : CO_LOCK_NONE };

    if (guard.kind == CO_LOCK_LOCKABLE) {
        guard = *(QemuLockable *)object;
    }
    qemu_lockable_lock(&guard);
    return guard;
}

static inline void coroutine_mixed_fn co_guard_end(QemuLockable *guard)
{
    qemu_lockable_unlock(guard);
    guard->kind = CO_LOCK_NONE;
}

#define CO_GUARD_(x, name) \
    __attribute__((cleanup(co_guard_end), unused)) \
    QemuLockable name = co_guard_begin((x), CO_LOCK_KIND(x))

/* Holds x from here to the end of the block; nothing when x is NULL. */
#define QEMU_LOCK_GUARD(x) CO_GUARD_(x, glue(qemu_lock_guard_, __COUNTER__))

/* Holds x, which is not NULL, in the statement that follows.  `break` leaves that statement. */
#define WITH_QEMU_LOCK_GUARD_(x, name) \
    for (CO_GUARD_(x, name); name.kind != CO_LOCK_NONE; co_guard_end(&name))
#define WITH_QEMU_LOCK_GUARD(x) WITH_QEMU_LOCK_GUARD_(x, glue(qemu_with_guard_, __COUNTER__))

#endif
