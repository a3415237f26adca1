/* QEMU's locks and threads on pthreads, whose misuse stops the program. */
#include <qemu/thread.h>

#include "co.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static void check(const char *what, int error)
{
    if (error) {
        co_fatal("%s: %s", what, strerror(error));
    }
}

/* ---- QemuMutex ---- */

void qemu_mutex_init(QemuMutex *mutex)
{
    check("qemu_mutex_init", pthread_mutex_init(&mutex->lock, NULL));
}

void qemu_mutex_destroy(QemuMutex *mutex)
{
    check("qemu_mutex_destroy", pthread_mutex_destroy(&mutex->lock));
}

void qemu_mutex_lock(QemuMutex *mutex)
{
    check("qemu_mutex_lock", pthread_mutex_lock(&mutex->lock));
}

static int try_lock(const char *what, QemuMutex *mutex)
{
    int error = pthread_mutex_trylock(&mutex->lock);

    if (error == EBUSY) {
        return -EBUSY;
    }
    check(what, error);
    return 0;
}

int qemu_mutex_trylock(QemuMutex *mutex)
{
    return try_lock("qemu_mutex_trylock", mutex);
}

void qemu_mutex_unlock(QemuMutex *mutex)
{
    check("qemu_mutex_unlock", pthread_mutex_unlock(&mutex->lock));
}

/* ---- QemuRecMutex ---- */

void qemu_rec_mutex_init(QemuRecMutex *mutex)
{
    pthread_mutexattr_t attributes;

    check("qemu_rec_mutex_init", pthread_mutexattr_init(&attributes));
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    check("qemu_rec_mutex_init", pthread_mutex_init(&mutex->m.lock, &attributes));
    pthread_mutexattr_destroy(&attributes);
}

void qemu_rec_mutex_destroy(QemuRecMutex *mutex)
{
    check("qemu_rec_mutex_destroy", pthread_mutex_destroy(&mutex->m.lock));
}

void qemu_rec_mutex_lock(QemuRecMutex *mutex)
{
    check("qemu_rec_mutex_lock", pthread_mutex_lock(&mutex->m.lock));
}

int qemu_rec_mutex_trylock(QemuRecMutex *mutex)
{
    return try_lock("qemu_rec_mutex_trylock", &mutex->m);
}

void qemu_rec_mutex_unlock(QemuRecMutex *mutex)
{
    check("qemu_rec_mutex_unlock", pthread_mutex_unlock(&mutex->m.lock));
}

/* ---- QemuCond ---- */

void qemu_cond_init(QemuCond *cond)
{
    pthread_condattr_t attributes;

    check("qemu_cond_init", pthread_condattr_init(&attributes));
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    check("qemu_cond_init", pthread_cond_init(&cond->cond, &attributes));
    pthread_condattr_destroy(&attributes);
}

void qemu_cond_destroy(QemuCond *cond)
{
    check("qemu_cond_destroy", pthread_cond_destroy(&cond->cond));
}

void qemu_cond_signal(QemuCond *cond)
{
    check("qemu_cond_signal", pthread_cond_signal(&cond->cond));
}

void qemu_cond_broadcast(QemuCond *cond)
{
    check("qemu_cond_broadcast", pthread_cond_broadcast(&cond->cond));
}

void qemu_cond_wait(QemuCond *cond, QemuMutex *mutex)
{
    check("qemu_cond_wait", pthread_cond_wait(&cond->cond, &mutex->lock));
}

static struct timespec time_in(int ms)
{
    struct timespec end;

    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t ns = end.tv_nsec + (int64_t)(ms % 1000) * 1000000;
    end.tv_sec += ms / 1000 + ns / 1000000000;
    end.tv_nsec = ns % 1000000000;
    return end;
}

bool qemu_cond_timedwait(QemuCond *cond, QemuMutex *mutex, int ms)
{
    struct timespec end = time_in(ms);
    int error = pthread_cond_timedwait(&cond->cond, &mutex->lock, &end);
    if (error != ETIMEDOUT) {
        check("qemu_cond_timedwait", error);
    }
    return error == 0;
}

/* ---- QemuSemaphore ---- */

void qemu_sem_init(QemuSemaphore *sem, int init)
{
    if (init < 0 || sem_init(&sem->sem, 0, (unsigned)init) < 0) {
        co_fatal("qemu_sem_init: %s", strerror(EINVAL));
    }
}

void qemu_sem_destroy(QemuSemaphore *sem)
{
    sem_destroy(&sem->sem);
}

void qemu_sem_post(QemuSemaphore *sem)
{
    check("qemu_sem_post", sem_post(&sem->sem) < 0 ? errno : 0);
}

void qemu_sem_wait(QemuSemaphore *sem)
{
    while (sem_wait(&sem->sem) < 0) { /* a signal has interrupted it */
    }
}

int qemu_sem_timedwait(QemuSemaphore *sem, int ms)
{
    struct timespec end = time_in(ms > 0 ? ms : 0);

    while (sem_clockwait(&sem->sem, CLOCK_MONOTONIC, &end) < 0) {
        if (errno == ETIMEDOUT) {
            return -1;
        }
    }
    return 0;
}

/* ---- QemuEvent ---- */

void qemu_event_init(QemuEvent *event, bool set)
{
    qemu_mutex_init(&event->lock);
    qemu_cond_init(&event->cond);
    event->value = set;
}

void qemu_event_destroy(QemuEvent *event)
{
    qemu_cond_destroy(&event->cond);
    qemu_mutex_destroy(&event->lock);
}

void qemu_event_set(QemuEvent *event)
{
    qemu_mutex_lock(&event->lock);
    event->value = true;
    qemu_cond_broadcast(&event->cond); /* inside: who waits may destroy the event at once */
    qemu_mutex_unlock(&event->lock);
}

void qemu_event_reset(QemuEvent *event)
{
    qemu_mutex_lock(&event->lock);
    event->value = false;
    qemu_mutex_unlock(&event->lock);
}

void qemu_event_wait(QemuEvent *event)
{
    qemu_mutex_lock(&event->lock);
    while (!event->value) {
        qemu_cond_wait(&event->cond, &event->lock);
    }
    qemu_mutex_unlock(&event->lock);
}

/* ---- QemuThread ---- */

void qemu_thread_create(QemuThread *thread, const char *name, void *(*start)(void *), void *arg,
                        int mode)
{
    char short_name[16];

    check("qemu_thread_create", pthread_create(&thread->thread, NULL, start, arg));
    if (name) {
        strncpy(short_name, name, sizeof short_name - 1);
        short_name[sizeof short_name - 1] = '\0';
        pthread_setname_np(thread->thread, short_name);
    }
    if (mode == QEMU_THREAD_DETACHED) {
        check("qemu_thread_create", pthread_detach(thread->thread));
    }
}

void *qemu_thread_join(QemuThread *thread)
{
    void *result;

    check("qemu_thread_join", pthread_join(thread->thread, &result));
    return result;
}

void qemu_thread_get_self(QemuThread *thread)
{
    thread->thread = pthread_self();
}

bool qemu_thread_is_self(QemuThread *thread)
{
    return pthread_equal(thread->thread, pthread_self()) != 0;
}

void no_coroutine_fn qemu_thread_exit(void *result)
{
    pthread_exit(result);
}
