/* Results that no call looks at. */
#include <qemu/coroutine.h>
struct s { int n; };
static int reset(struct s *s) { s->n = 0; return 0; }              //~ W0512: no call of 'reset' uses its result
static int coroutine_fn drain(struct s *s) { qemu_coroutine_yield(); return s->n; }     //~ W0512: no call of 'drain'
static int count(struct s *s) { return s->n; }
static int callback(struct s *s) { return s->n; }
static void nothing(struct s *s) { s->n = 1; }
int exported(struct s *s) { return s->n; }
int (*const pointer)(struct s *s) = callback;
int coroutine_fn f(struct s *s)
{
    reset(s);
    drain(s);
    reset(s);
    count(s);
    callback(s);
    nothing(s);
    exported(s);
    return count(s);
}
