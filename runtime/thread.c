/* QemuMutex: pthread mutexes whose misuse stops the program. */
#include <qemu/thread.h>

#include "co.h"

#include <string.h>

static void check(const char *what, int error)
{
    if (error) {
        co_fatal("%s: %s", what, strerror(error));
    }
}

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

void qemu_mutex_unlock(QemuMutex *mutex)
{
    check("qemu_mutex_unlock", pthread_mutex_unlock(&mutex->lock));
}
