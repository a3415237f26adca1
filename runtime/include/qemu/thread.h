/* QemuMutex: a pthread mutex under QEMU's name, so that it can be told from a CoMutex by its
 * type. Thread-safe; held for a few instructions, never across a yield.  Errors of the pthread
 * calls are program errors and fatal. */
#ifndef QEMU_THREAD_H
#define QEMU_THREAD_H

#include <pthread.h>

typedef struct QemuMutex {
    pthread_mutex_t lock;
} QemuMutex;

void qemu_mutex_init(QemuMutex *mutex);
void qemu_mutex_destroy(QemuMutex *mutex);
void qemu_mutex_lock(QemuMutex *mutex);
void qemu_mutex_unlock(QemuMutex *mutex);

#endif
