/* Statement expressions with suspensions: as operands, arguments, conditions, with loops and returns inside. */
#include "construct.h"

static int coroutine_fn early(int x)
{
    int y = 5 + ({ if (x > 2) { return (int)get(-x); } x * 2; });
    return y;
}

static void coroutine_fn test(void)
{
    int a = 3;
    int b = a + ({ long t = get(a); may_wait(); (int)t * 2; });
    long c = get(({ int s = 0; for (int i = 0; i < 4; i++) { s += (int)get(i); } s; }));

    say("b", b);
    say("c", c);
    say("nested", ({ int x = ({ int y = (int)get(4); y + 1; }); x * (int)({ get(2); }); }));
    if (({ may_wait(); a++; }) == 3 && ({ a; }) == 4) {
        say("a", a);
    }
    say("early", early(1));
    say("early", early(4));
    say("jump", ({ int k = 0; again: k++; may_wait(); if (k < 3) { goto again; } k; }));
    struct { int x, y; } p = ({ struct { int x, y; } q; *(int *)&q = 1; (typeof(p)){ (int)get(8), 9 }; });
    say("struct", p.x * 10 + p.y);
}
