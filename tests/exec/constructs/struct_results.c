/* Parts of returned structs without a name: members, array elements, and whole ones passed on. */
#include "construct.h"

struct inner { int v[4]; char name[8]; };
struct outer { struct inner in[2]; long n; };

static struct outer coroutine_fn make(int x)
{
    struct outer o = { .in[1].v = { x, x + 1, x + 2, x + 3 }, .in[0].name = "zero", .n = get(x) };
    strcpy(o.in[1].name, "one");
    return o;
}

static struct outer coroutine_fn pass(int x) { return make(x * 2); }
static long coroutine_fn take(struct inner i, struct outer o) { may_wait(); return i.v[3] * 100 + o.in[1].v[0]; }

static void coroutine_fn test(void)
{
    say("n", make(3).n);
    say("element", make(4).in[1].v[get(2)]);
    printf("%s %s\n", make(1).in[0].name, pass(1).in[1].name);
    struct outer o = pass(5), *p = &o;
    *p = make(6);
    say("assigned", o.in[1].v[1]);
    say("taken", take(make(7).in[1], pass(8)));
    say("chosen", (get(1) ? make(9) : o).in[1].v[3]);
    say("comma", (may_wait(), make(10)).n);
}
