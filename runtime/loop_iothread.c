/* IOThread: a thread around loop_run. */
#include "co.h"
#include "loop.h"

#include <qemu/thread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysemu/iothread.h>

struct IOThread {
    char *id;
    AioContext *ctx;
    QemuThread thread;
    bool stopped;
    IOThread *next; /* under lock */
};

static QemuMutex lock = { PTHREAD_MUTEX_INITIALIZER };
static IOThread *iothreads; /* under lock */

static void *run(void *opaque)
{
    IOThread *iothread = opaque;

    loop_run(iothread->ctx);
    return NULL;
}

IOThread *iothread_create(const char *id, Error **errp)
{
    IOThread *iothread = calloc(1, sizeof *iothread);

    if (!iothread || !(iothread->id = strdup(id))) {
        co_fatal("out of memory for an iothread");
    }
    iothread->ctx = aio_context_new(errp);
    if (!iothread->ctx) {
        free(iothread->id);
        free(iothread);
        return NULL;
    }
    qemu_thread_create(&iothread->thread, id, run, iothread, QEMU_THREAD_JOINABLE);
    qemu_mutex_lock(&lock);
    iothread->next = iothreads;
    iothreads = iothread;
    qemu_mutex_unlock(&lock);
    return iothread;
}

static void stop(void *opaque)
{
    loop_stop(opaque);
}

void no_coroutine_fn iothread_stop(IOThread *iothread)
{
    if (iothread->stopped) {
        return;
    }
    iothread->stopped = true;
    aio_bh_schedule_oneshot(iothread->ctx, stop, iothread->ctx);
    qemu_thread_join(&iothread->thread);
}

void no_coroutine_fn iothread_destroy(IOThread *iothread)
{
    qemu_mutex_lock(&lock);
    for (IOThread **at = &iothreads; *at; at = &(*at)->next) {
        if (*at == iothread) {
            *at = iothread->next;
            break;
        }
    }
    qemu_mutex_unlock(&lock);
    iothread_stop(iothread);
    aio_context_unref(iothread->ctx);
    free(iothread->id);
    free(iothread);
}

AioContext *iothread_get_aio_context(IOThread *iothread)
{
    return iothread->ctx;
}

char *iothread_get_id(IOThread *iothread)
{
    return strdup(iothread->id);
}

IOThread *iothread_by_id(const char *id)
{
    qemu_mutex_lock(&lock);
    IOThread *found = iothreads;
    while (found && strcmp(found->id, id) != 0) {
        found = found->next;
    }
    qemu_mutex_unlock(&lock);
    return found;
}

IOThread *iothread_new(void)
{
    static unsigned n; /* atomic */
    char id[32];

    snprintf(id, sizeof id, "iothread-%u", __atomic_fetch_add(&n, 1, __ATOMIC_RELAXED));
    IOThread *iothread = iothread_create(id, NULL);
    if (!iothread) {
        co_fatal("iothread_new: the system refuses a thread with an event loop");
    }
    return iothread;
}

void no_coroutine_fn iothread_join(IOThread *iothread)
{
    iothread_destroy(iothread);
}
