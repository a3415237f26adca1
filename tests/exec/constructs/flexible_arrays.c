/* Flexible and zero-length arrays in static objects, in alloca, and in what was allocated before a suspension. */
#include "construct.h"

#include <stdlib.h>

struct text { int length; char bytes[]; };
struct old { short n; int items[0]; };
struct nested { struct old head; int space[3]; };

static struct text greeting = { 5, "hello" };

static struct text *coroutine_fn copy(const struct text *from, int more)
{
    struct text *made = malloc(sizeof *made + (size_t)(from->length + more));

    made->length = from->length + more;
    may_wait();
    memcpy(made->bytes, from->bytes, (size_t)from->length);
    memset(made->bytes + from->length, '!', (size_t)more);
    return made;
}

static void coroutine_fn test(void)
{
    struct text *longer = copy(&greeting, 3);
    struct nested nested = { .head.n = 3, .space = { 1, 2, 3 } };
    struct text *local = __builtin_alloca(sizeof *local + 4);

    local->length = 4;
    memcpy(local->bytes, "abc", 4);
    may_wait();
    for (int i = 0; i < longer->length; i += (int)get(1)) {
        say("byte", longer->bytes[i]);
    }
    nested.space[get(1)] = 9;
    say("item", *(int *)((char *)nested.head.items + get(4)));
    say("local", local->bytes[get(2)] + local->length);
    say("sizes", sizeof(struct text) * 100 + sizeof(struct old));
    free(longer);
}
