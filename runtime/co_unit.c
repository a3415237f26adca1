/* Descriptions of functions that came as C (cpc_portable.h): each unit registers a table when it is
 * loaded, and co_dump looks a resume function up in all of them.
 *
 * Reading takes no lock, since it happens in handlers of signals; a unit that is unloaded while
 * its own coroutines are suspended would be in trouble anyway. */
#include "co.h"

#include <pthread.h>

static struct co_unit *units; /* changes under units_lock, and is read at any time */
static pthread_mutex_t units_lock = PTHREAD_MUTEX_INITIALIZER;

void co_describe(struct co_unit *unit)
{
    pthread_mutex_lock(&units_lock);
    unit->next = units;
    __atomic_store_n(&units, unit, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&units_lock);
}

void co_forget(struct co_unit *unit)
{
    struct co_unit **at = &units;

    pthread_mutex_lock(&units_lock);
    while (*at && *at != unit) {
        at = &(*at)->next;
    }
    if (*at) {
        __atomic_store_n(at, unit->next, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&units_lock);
}

const struct co_function *co_unit_function(struct co_ret (*resume)(struct co_frame *, uint64_t))
{
    for (struct co_unit *u = __atomic_load_n(&units, __ATOMIC_ACQUIRE); u; u = u->next) {
        for (uint64_t i = 0; i < u->n_functions; i++) {
            if (u->functions[i].resume == resume) {
                return u->functions[i].function;
            }
        }
    }
    return NULL;
}
