/* One coroutine is entered by four threads in turn: __thread variables, their addresses and errno are those of the
 * thread that runs it now, also behind a suspension in a callee. */
#include <errno.h>
#include <pthread.h>
#include <qemu/coroutine.h>
#include <stdio.h>

#define THREADS 4
#define ROUNDS 5

static __thread int mine;
static _Thread_local long table[3];
static int ended, wrong, turns;
static Coroutine *co;

static int *coroutine_fn address(void) { qemu_coroutine_yield(); return &mine; }

static void coroutine_fn test(void *opaque)
{
    for (int i = 0; i < ROUNDS * THREADS; i++) {
        int *before = &mine;
        int id = mine;
        errno = 100 + id;
        table[1] = id;
        qemu_coroutine_yield();
        int now = mine;
        wrong += now != id % THREADS + 1;
        wrong += &mine == before;
        wrong += errno == 100 + id;
        wrong += table[1] == id;
        int *later = address();
        wrong += later != &mine || *later != now % THREADS + 1;
        errno = (errno = 5, address() != NULL) ? 7 : 8;
        wrong += errno != 7;
        turns++;
    }
    ended = *(int *)opaque;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int whose = 1, enters;

static void *run(void *opaque)
{
    mine = *(int *)opaque;
    pthread_mutex_lock(&mutex);
    while (!ended) {
        while (whose != mine) {
            pthread_cond_wait(&changed, &mutex);
        }
        if (!ended) {
            table[1] = -1;
            errno = 0;
            qemu_coroutine_enter(co);
            enters++;
        }
        whose = whose % THREADS + 1;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&mutex);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int yes = 1, ids[THREADS] = { 1, 2, 3, 4 };

    co = qemu_coroutine_create(test, &yes);
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, run, &ids[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("%d turns, %d enters, %d wrong\n", turns, enters, wrong);
    return 0;
}
