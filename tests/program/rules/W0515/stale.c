/* A pointer of a shared object that others replace, free or move while the coroutine waits. */
#include <stdlib.h>
#include <qemu/coroutine.h>
struct child { int reads; struct child *next; };
struct s { struct child *child, *first; struct child *table; CoMutex lock; int n; };
struct request { struct child *child; };
static void coroutine_fn co_read(struct child *c) { qemu_coroutine_yield(); c->reads++; }
void set_child(struct s *s, struct child *c)
{
    free(s->child);
    s->child = c;
}
void grow(struct s *s)
{
    s->table = realloc(s->table, ++s->n * sizeof *s->table);
}
void insert(struct s *s, struct child *c)
{
    c->next = s->first;
    s->first = c;
}
void coroutine_fn bad(struct s *s)
{
    struct child *c = s->child;
    co_read(c);
    c->reads++; //~ W0515: 'c' is 's->child' from before a suspension; 'set_child' may have changed that
}
void coroutine_fn moved(struct s *s)
{
    struct child *c = &s->table[1];
    co_read(c);
    c->reads++; //~ W0515: 'c' is 's->table' from before a suspension; 'grow' may have changed that
}
void coroutine_fn in_loop(struct s *s, int n)
{
    struct child *c = s->child;
    while (n--)
        co_read(c); //~ W0515: 'c' is 's->child'
}
void coroutine_fn too_late(struct s *s)
{
    struct child *c = s->child;
    qemu_co_mutex_lock(&s->lock);
    c->reads++; //~ W0515: 'c' is 's->child'
    qemu_co_mutex_unlock(&s->lock);
}
struct table { struct child *slots[4]; };
static struct child *current;
void forget(struct table *t, int i)
{
    t->slots[i] = NULL;
    current = NULL;
}
void coroutine_fn in_array(struct table *t, int i)
{
    struct child *c = t->slots[i];
    co_read(c);
    c->reads++; //~ W0515: 'c' is 't->slots[i]' from before a suspension; 'forget'
}
void coroutine_fn global(void)
{
    struct child *c = current;
    co_read(c);
    c->reads++; //~ W0515: 'c' is 'current' from before a suspension; 'forget'
}
void drop(struct s *s)
{
    s->first = NULL;
}
void coroutine_fn asked_too_early(struct s *s)
{
    if (s->first != NULL) {
        qemu_coroutine_yield();
        s->first->reads++; //~ W0515: 's->first' was there before a suspension; 'drop' may have taken it away
    }
}
void coroutine_fn not_asked_again(struct s *s)
{
    if (!s->first)
        return;
    qemu_coroutine_yield();
    if (s->n)
        co_read(s->first); //~ W0515: 's->first' was there
}
int start_read(int fd);
void coroutine_fn failed_later(struct s *s, int fd)
{
    struct child *c = s->child;
    for (int i = 0; i < fd; i++) {
        int ret = start_read(fd);
        if (ret < 0)
            c->reads++; //~ W0515
        else
            co_read(c);
    }
}
