/* An array of structs with its length from a call, next to cleanups and to pointers to variable arrays. */
#include "construct.h"

struct item { double d; char c; };

static void ended(int *p) { say("ended", *p); }

static void coroutine_fn test(void)
{
    int __attribute__((cleanup(ended))) outer = 1;
    struct item items[get(5)];
    int __attribute__((cleanup(ended))) inner = 2;
    struct item (*all)[5] = &items;

    for (int i = 0; i < 5; i++) {
        items[i] = (struct item){ .d = (double)get(i) / 2, .c = 'a' };
    }
    say("half", (long)((*all)[3].d * 10));
    say("size", (long)sizeof items);
    inner = (int)get(3);
}
