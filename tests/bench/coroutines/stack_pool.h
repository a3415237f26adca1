/* Coroutines with stacks, kept as QEMU keeps them: a pool per thread that holds two batches of 128;
 * what is above goes back to the kernel.  Requires, before it is included: stacks.h, struct Coroutine
 * with entry, opaque, next and stack, and coroutine_new(). */
#define POOL_LIMIT 256

static __thread Coroutine *pool;
static __thread unsigned pool_size;

static __attribute__((noinline)) Coroutine *coroutine_create(CoroutineEntry *entry, void *opaque)
{
    Coroutine *co = pool;

    if (co) {
        pool = co->next;
        pool_size--;
    } else {
        co = coroutine_new();
    }
    co->entry = entry;
    co->opaque = opaque;
    return co;
}

static __attribute__((noinline)) void coroutine_delete(Coroutine *co)
{
    if (pool_size < POOL_LIMIT) {
        co->next = pool;
        pool = co;
        pool_size++;
        return;
    }
    stack_unmap(co->stack);
    free(co);
}
