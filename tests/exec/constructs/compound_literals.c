/* A compound literal lives as long as its block, at one address. */
#include "construct.h"

struct point { int x, y; };

static int coroutine_fn area(const struct point *p) { may_wait(); return p->x * p->y; }

static void coroutine_fn test(void)
{
    struct point *p = &(struct point){ (int)get(3), 4 };
    int *a = (int[]){ 1, (int)get(2), [5] = 6 };

    p->x++;
    may_wait();
    say("area", area(p));
    say("literal", area(&(struct point){ .y = (int)get(7), .x = 2 }));
    a[3] = 9;
    may_wait();
    for (int i = 0; i < 6; i++) {
        say("a", a[i]);
    }
    for (int i = 0; i < 3; i++) {
        int *q = &(int){ i };
        may_wait();
        *q += 10;
        may_wait();
        say("q", *q);
    }
    struct point copy = (struct point){ p->y, (struct point){ 5, (int)get(6) }.y };
    say("copy", copy.x * 10 + copy.y);
}
