/* [a ... b] = call: the call is made once; with members, nested, and in compound literals. */
#include "construct.h"

static int calls;

static int coroutine_fn counted(int x)
{
    may_wait();
    calls++;
    return x;
}

struct table { int head, items[6]; struct { char c; int deep[3]; } sub[2]; };

static int coroutine_fn sum(struct table t)
{
    int s = t.head;

    for (int i = 0; i < 6; i++) {
        s = s * 3 + t.items[i];
    }
    may_wait();
    return s * 7 + t.sub[1].deep[2] + t.sub[0].c;
}

static void coroutine_fn test(void)
{
    calls = 0;
    int array[8] = { [1 ... 3] = counted(5), [6] = counted(2), 9 };
    say("calls", calls);
    for (int i = 0; i < 8; i++) {
        say("item", array[i]);
    }
    struct table t = { .items = { [0 ... 5] = counted(4), [2] = counted(1) }, .head = counted(3),
                       .sub[1].deep = { [1 ... 2] = counted(8) } };
    say("sum", sum(t));
    say("literal", sum((struct table){ counted(1), { [3 ... 5] = counted(2) }, { { 'a', { counted(7) } } } }));
    say("calls", calls);
}
