/* __auto_type and typeof with coroutine calls; _Generic chooses which call is made. */
#include "construct.h"

struct pair { int a; double b; };

static struct pair coroutine_fn make(int a)
{
    may_wait();
    say("make", a);
    return (struct pair){ a, a / 2.0 };
}

static float coroutine_fn half(float x) { may_wait(); return x / 2; }

#define MAX(x, y) ({ __auto_type x_ = (x); __auto_type y_ = (y); x_ > y_ ? x_ : y_; })
static long coroutine_fn member(struct pair *p) { may_wait(); return p->a; }

#define TWICE(x) (2 * (long)_Generic((x), float: half, struct pair *: member, default: get)(x))

static void coroutine_fn test(void)
{
    __auto_type p = make(3);
    typeof(make(4)) q = p;
    typeof(half) *f = half;
    const __auto_type limit = get(9);

    may_wait();
    say("p", p.a + (long)(p.b * 4));
    say("q", q.a + limit);
    say("max", MAX(get(4), MAX(get(6), (long)f(10))));
    say("float", TWICE(3.0f));
    say("int", TWICE(21));
    say("pair", TWICE(&q));
    say("size", sizeof(typeof(f(1))) + sizeof f(2));
}
