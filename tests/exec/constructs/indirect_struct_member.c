/* Calls through annotated pointers in structs, also of structs behind pointers and in const tables of operations. */
#include "construct.h"

struct ops {
    int coroutine_fn (*read)(void *opaque, int n);
    void coroutine_fn (*close)(void *opaque);
};
struct node { const struct ops *ops; int state; };

static int coroutine_fn read_a(void *opaque, int n) { struct node *s = opaque; s->state += (int)get(n); return s->state; }
static int coroutine_fn read_b(void *opaque, int n) { may_wait(); return n * ((struct node *)opaque)->state; }
static void coroutine_fn close_a(void *opaque) { may_wait(); say("closed", ((struct node *)opaque)->state); }

static const struct ops table[] = { { read_a, close_a }, { .close = NULL, .read = read_b } };

static int coroutine_fn both(struct node *n, int x)
{
    int r = n->ops->read(n, x);
    if (n->ops->close) {
        n->ops->close(n);
    }
    return r;
}

static void coroutine_fn test(void)
{
    struct node a = { &table[0], 3 }, b = { &table[1], 4 };
    struct ops own = table[1];

    say("a", both(&a, 5)), say("b", both(&b, 6));
    own.close = table[0].close;
    a.ops = &own;
    say("own", both(&a, 7));
}
