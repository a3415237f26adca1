/* A variable whose address was taken keeps it across suspensions, and changes through the address are seen. */
#include "drive.h"

struct node { struct node *next; int value; };

static struct node *list;

static void coroutine_fn bump(int wait, int *p, int by)
{
    int *copy = p;
    later(wait, *p);
    *copy += by;
}

static void coroutine_fn locals(void *opaque)
{
    int wait = *(int *)opaque, x = 1, y = 2, *before = &x;

    bump(wait, &x, 10);
    bump(wait, &y, 20);
    later(wait, 0);
    printf(" %d %d %d", x, y, before == &x);
}

static void coroutine_fn parameter(int wait, int n)
{
    bump(wait, &n, 5);
    later(wait, n);
    n++;
    bump(wait, &n, 5);
    printf(" n=%d", n);
}

static int coroutine_fn chain(int wait, int depth)
{
    struct node node = { list, depth };
    int sum = 0;

    list = &node;
    if (depth > 0) {
        sum = chain(wait, depth - 1);
    } else {
        for (struct node *n = list; n; n = n->next) {
            later(wait, n->value);
            n->value *= 2;
        }
    }
    list = node.next;
    return sum + node.value;
}

static void coroutine_fn buffer(int wait)
{
    char text[600];
    struct { int *inner; int cell[4]; } self = { .cell = { 1, 2, 3, 4 } };

    self.inner = &self.cell[2];
    for (unsigned i = 0; i < sizeof text - 1; i++) {
        text[i] = (char)('a' + i % 26);
    }
    text[sizeof text - 1] = 0;
    later(wait, 0);
    *self.inner = 33;
    printf(" %zu %.5s %d", strlen(text), text + 500, self.cell[2]);
}

static void coroutine_fn scopes(int wait)
{
    for (int i = 0; i < 3; i++) {
        int fresh = i * 100;
        int *p = &fresh;
        if (i % 2) {
            int inner = i;
            bump(wait, &inner, 7);
            *p += inner;
        }
        later(wait, *p);
        {
            double inner = fresh;
            later(wait, (long)inner);
            printf(" %g", inner);
        }
    }
}

static void coroutine_fn all(void *opaque)
{
    int wait = *(int *)opaque;

    locals(opaque);
    parameter(wait, 3);
    printf(" sum=%d", chain(wait, 4));
    buffer(wait);
    scopes(wait);
}

int main(void)
{
    for (int wait = 0; wait < 2; wait++) {
        drive("addresses", all, &wait);
    }
}
