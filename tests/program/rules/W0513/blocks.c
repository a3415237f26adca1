/* Pointers to what a block declared, used behind it: directly, in a structure, by the next round of a loop. */
#include <stddef.h>
#include <qemu/coroutine.h>
struct iov { void *base; size_t len; };
static void coroutine_fn co_read(struct iov *iov) { qemu_coroutine_yield(); iov->len--; }
int coroutine_fn bounce(char *buf, int small)
{
    if (small) {
        char room[16];
        buf = room;
    }
    qemu_coroutine_yield();
    return buf[0]; //~ W0513: 'buf' points to 'room' of a block that has ended
}
void coroutine_fn in_structure(int small)
{
    struct iov iov = { NULL, 0 };
    if (small) {
        int room;
        iov.base = &room;
    }
    co_read(&iov); //~ W0513: 'iov.base' points to 'room'
}
int coroutine_fn next_round(int n)
{
    int *last = NULL, sum = 0;
    while (n--) {
        int now = n;
        if (last)
            sum += *last; //~ W0513: 'last' points to 'now'
        last = &now;
        qemu_coroutine_yield();
    }
    return sum;
}
int coroutine_fn literal(int *p, int n)
{
    if (n) {
        p = (int[]){ n, n };
    }
    qemu_coroutine_yield();
    return *p; //~ W0513: 'p' points to a compound literal
}
int coroutine_fn expression(int n)
{
    int *p = ({ int copy = n; &copy; });
    qemu_coroutine_yield();
    return *p; //~ W0513: 'p' points to 'copy'
}
void coroutine_fn member(struct iov *iov, int small)
{
    if (small) {
        struct iov room;
        iov->base = &room.len;
    }
    qemu_coroutine_yield();
    *(size_t *)iov->base = 0; //~ W0513: 'iov->base' points to 'room'
}
void coroutine_fn into_array(int n)
{
    int *slots[4] = { NULL };
    for (int i = 0; i < 4; i++) {
        int now = n;
        slots[i] = &now;
    }
    qemu_coroutine_yield();
    *slots[0] = 1; //~ W0513: 'slots[]' points to 'now'
}
static void coroutine_fn submit(struct iov *iov) { qemu_coroutine_yield(); iov->len = 0; }
void coroutine_fn in_object(struct iov *iov, int small)
{
    if (small) {
        char room[8];
        iov->base = room;
    }
    submit(iov); //~ W0513: 'iov->base' points to 'room'
}
