/* Packed structs and members that are not aligned: assignments across suspensions, pointers to them, copies. */
#include "construct.h"

struct __attribute__((packed)) header { char kind; int length; short flags; long id; };
struct mixed { char c; int unaligned __attribute__((packed)); double d; };

static struct header coroutine_fn parse(const unsigned char *bytes)
{
    struct header h;

    memcpy(&h, bytes, sizeof h);
    may_wait();
    h.length += (int)get(h.kind);
    return h;
}

static void coroutine_fn bump(long *id, int n)
{
    long value;

    for (int i = 0; i < n; i++) {
        memcpy(&value, id, sizeof value);
        may_wait();
        value += n;
        memcpy(id, &value, sizeof value);
    }
}

static void coroutine_fn test(void)
{
    unsigned char bytes[2 * sizeof(struct header)] = { 1, 2, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0, 9, 1 };
    struct header h = parse(bytes), two[2] = { h, parse(bytes + sizeof h) };
    struct mixed m = { 'm', (int)get(5), 2.5 };
    void *id = &two[1].id;

    bump(id, 3);
    m.unaligned += (int)get(h.length);
    two[0].flags = (short)(two[0].flags * get(100) + m.c);
    say("length", h.length * 100 + two[1].length);
    say("flags", two[0].flags);
    say("id", two[0].id * 1000 + two[1].id);
    say("mixed", m.unaligned + (long)(m.d * 10));
    say("sizes", sizeof h * 100 + sizeof m);
}
