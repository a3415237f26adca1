/* Threads and the locks between them, with QEMU's names (qemu/thread.h).
 *
 * The locks here stop the thread, so in a coroutine they are held for a few instructions and never
 * across a yield.  Errors of the pthread calls are program errors and fatal.  Everything is
 * thread-safe. */
#ifndef QEMU_THREAD_H
#define QEMU_THREAD_H

#include <cpc/annotations.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>

/* A pthread mutex under a name of its own, so that it can be told from a CoMutex by its type. */
typedef struct QemuMutex {
    pthread_mutex_t lock;
} QemuMutex;

void qemu_mutex_init(QemuMutex *mutex);
void qemu_mutex_destroy(QemuMutex *mutex);
void qemu_mutex_lock(QemuMutex *mutex);
void qemu_mutex_unlock(QemuMutex *mutex);

/* 0, or -EBUSY when it is held. */
int qemu_mutex_trylock(QemuMutex *mutex);

/* A mutex that its holder may take again. */
typedef struct QemuRecMutex {
    QemuMutex m;
} QemuRecMutex;

void qemu_rec_mutex_init(QemuRecMutex *mutex);
void qemu_rec_mutex_destroy(QemuRecMutex *mutex);
void qemu_rec_mutex_lock(QemuRecMutex *mutex);
int qemu_rec_mutex_trylock(QemuRecMutex *mutex);
void qemu_rec_mutex_unlock(QemuRecMutex *mutex);

/* A lock that spins.  All zero is unlocked. */
typedef struct QemuSpin {
    int value; /* atomic */
} QemuSpin;

static inline void qemu_spin_init(QemuSpin *spin)
{
    __atomic_store_n(&spin->value, 0, __ATOMIC_RELAXED);
}

static inline void qemu_spin_destroy(QemuSpin *spin)
{
    (void)spin;
}

static inline bool qemu_spin_locked(QemuSpin *spin)
{
    return __atomic_load_n(&spin->value, __ATOMIC_RELAXED) != 0;
}

/* True when it is held by somebody, false when the caller holds it now. */
static inline bool qemu_spin_trylock(QemuSpin *spin)
{
    return __atomic_exchange_n(&spin->value, 1, __ATOMIC_ACQUIRE) != 0;
}

static inline void qemu_spin_lock(QemuSpin *spin)
{
    while (__builtin_expect(qemu_spin_trylock(spin), 0)) {
        while (qemu_spin_locked(spin)) {
        }
    }
}

static inline void qemu_spin_unlock(QemuSpin *spin)
{
    __atomic_store_n(&spin->value, 0, __ATOMIC_RELEASE);
}

typedef struct QemuCond {
    pthread_cond_t cond;
} QemuCond;

void qemu_cond_init(QemuCond *cond);
void qemu_cond_destroy(QemuCond *cond);
void qemu_cond_signal(QemuCond *cond);
void qemu_cond_broadcast(QemuCond *cond);
void qemu_cond_wait(QemuCond *cond, QemuMutex *mutex);

/* False when `ms` milliseconds have passed. */
bool qemu_cond_timedwait(QemuCond *cond, QemuMutex *mutex, int ms);

/* A number that threads take from; wait stops the thread while it is 0. */
typedef struct QemuSemaphore {
    sem_t sem;
} QemuSemaphore;

void qemu_sem_init(QemuSemaphore *sem, int init);
void qemu_sem_destroy(QemuSemaphore *sem);
void qemu_sem_post(QemuSemaphore *sem);
void qemu_sem_wait(QemuSemaphore *sem);

/* 0, or -1 when `ms` milliseconds have passed. */
int qemu_sem_timedwait(QemuSemaphore *sem, int ms);

/* A flag that threads wait for: set stays set until reset. */
typedef struct QemuEvent {
    QemuMutex lock;
    QemuCond cond;
    bool value;
} QemuEvent;

void qemu_event_init(QemuEvent *event, bool set);
void qemu_event_destroy(QemuEvent *event);
void qemu_event_set(QemuEvent *event);
void qemu_event_reset(QemuEvent *event);
void qemu_event_wait(QemuEvent *event);

typedef struct QemuThread {
    pthread_t thread;
} QemuThread;

enum { QEMU_THREAD_JOINABLE, QEMU_THREAD_DETACHED };

/* Starts start(arg) in a thread of that name (its first 15 letters). */
void qemu_thread_create(QemuThread *thread, const char *name, void *(*start)(void *), void *arg,
                        int mode);
void *qemu_thread_join(QemuThread *thread);
void qemu_thread_get_self(QemuThread *thread);
bool qemu_thread_is_self(QemuThread *thread);

/* Ends the calling thread, outside coroutines; join gives `result`. */
_Noreturn void no_coroutine_fn qemu_thread_exit(void *result);

#endif
