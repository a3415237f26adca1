/* __func__ and string literals have one address each, in a function that becomes two. */
#include "construct.h"

static const char *coroutine_fn name(const char **other)
{
    const char *before = __func__;

    *other = "literal";
    may_wait();
    say("same", before == __func__ && strcmp(__FUNCTION__, "name") == 0);
    return __func__;
}

static void coroutine_fn test(void)
{
    const char *first, *second, *literal, *again;
    char copy[] = "copied";

    first = name(&literal);
    second = name(&again);
    copy[0] = 'k';
    may_wait();
    say("one object", first == second && literal == again);
    say(first, (long)strlen(first));
    say(copy, (long)sizeof copy);
    say(__PRETTY_FUNCTION__, (long)sizeof __func__);
    say(literal, literal[get(2)]);
}
