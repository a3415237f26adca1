/* Direct recursion, and a circle of two. */
#include <qemu/coroutine.h>
struct node { struct node *next; };
static void coroutine_fn walk(struct node *n)
{
    qemu_coroutine_yield();
    if (n)
        walk(n->next); //~ W0508: coroutine_fn 'walk' calls itself
}
static void coroutine_fn even(struct node *n);
static void coroutine_fn odd(struct node *n) { even(n->next); } //~ W0508: 'odd' calls itself through 'even'
static void coroutine_fn even(struct node *n)
{
    walk(n);
    odd(n->next);
}
