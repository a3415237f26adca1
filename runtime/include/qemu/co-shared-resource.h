/* A budget that coroutines share, with QEMU's names.  Thread-safe. */
#ifndef QEMU_CO_SHARED_RESOURCE_H
#define QEMU_CO_SHARED_RESOURCE_H

#include <qemu/coroutine-core.h>

typedef struct SharedResource SharedResource;

/* A budget of `total`; the caller destroys it. */
SharedResource *shres_create(uint64_t total);

/* Fatal unless all of it has been put back. */
void shres_destroy(SharedResource *s);

/* Takes n if that much is left.  n is at most the total. */
bool co_try_get_from_shres(SharedResource *s, uint64_t n);

/* Waits until n is left, and takes it.  Suspends. */
void coroutine_fn co_get_from_shres(SharedResource *s, uint64_t n);

/* Puts n back, all that was taken at once or a part, and wakes who waits.  Fatal when it is more
 * than was taken. */
void coroutine_fn co_put_to_shres(SharedResource *s, uint64_t n);

#endif
