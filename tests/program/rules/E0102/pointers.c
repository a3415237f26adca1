/* Assignments, initialisers, arguments, results; typedefs; mixed functions and casts are fine. */
#include <qemu/coroutine.h>
typedef int coroutine_fn Entry(int);
struct ops { Entry *co; int (*plain)(int); };
int coroutine_fn co(int x);
int plain(int x);
int coroutine_mixed_fn mixed(int x);
static const struct ops table[] = {
    { co, plain },
    { .co = plain }, //~ E0102: plain 'plain' is given to coroutine_fn member 'co' of struct ops
    { .plain = co }, //~ E0102: coroutine_fn 'co' is given to plain member 'plain' of struct ops
    { mixed, mixed },
};
static void take(Entry *entry);
void pass(struct ops *o)
{
    Entry *kept = plain;             //~ E0102: coroutine_fn variable 'kept'
    int (*other)(int) = plain;
    o->co = other;                   //~ E0102: plain variable 'other' is given to coroutine_fn member 'co'
    o->co = (Entry *)plain;
    *o = table[0];
    take(plain);                     //~ E0102: parameter 1 of 'take'
    take(kept);
}
static void take(Entry *entry) { (void)entry; }
static int (*pick(int x))(int) { return x ? plain : co; } //~ E0102: coroutine_fn 'co'
int use(void) { return pick(1)(2); }
