/* Read or looked at again; locked; counted; nobody changes it, or only at the beginning and the end. */
#include <stdlib.h>
#include <qemu/coroutine.h>
struct child { int reads, refs; };
struct s { struct child *child, *constant, *first; struct child *next; CoMutex lock; };
struct request { struct child *child; };
static void coroutine_fn co_read(struct child *c) { qemu_coroutine_yield(); c->reads++; }
static void child_ref(struct child *c) { c->refs++; }
static void child_unref(struct child *c) { c->refs--; }
void coroutine_fn set_child(struct s *s, struct child *c)
{
    qemu_co_mutex_lock(&s->lock);
    free(s->child);
    s->child = c;
    qemu_co_mutex_unlock(&s->lock);
}
struct s *s_new(struct child *c)
{
    struct s *s = calloc(1, sizeof *s);
    s->constant = c;
    return s;
}
void s_free(struct s *s)
{
    free(s->constant);
    free(s);
}
void coroutine_fn again(struct s *s)
{
    struct child *c = s->child;
    co_read(c);
    c = s->child;
    c->reads++;
    co_read(c);
    if (c == s->child)
        c->reads++;
}
static void coroutine_fn with_lock(struct s *s)
{
    struct child *c = s->child;
    co_read(c);
    c->reads++;
}
void coroutine_fn locked(struct s *s)
{
    qemu_co_mutex_lock(&s->lock);
    struct child *c = s->child;
    co_read(c);
    c->reads++;
    with_lock(s);
    qemu_co_mutex_unlock(&s->lock);
}
void coroutine_fn counted(struct s *s)
{
    struct child *c = s->child;
    child_ref(c);
    co_read(c);
    c->reads++;
    child_unref(c);
}
void coroutine_fn constant(struct s *s)
{
    struct child *c = s->constant;
    co_read(c);
    c->reads++;
}
static void set_request(struct request *r, struct child *c) { r->child = c; }
static void coroutine_fn own_request(struct request *r)
{
    struct child *c = r->child;
    co_read(c);
    c->reads++;
}
void coroutine_fn request(struct child *c)
{
    struct request r;
    set_request(&r, c);
    own_request(&r);
}
static void find(struct s *s, struct child **c) { *c = s->constant; }
void coroutine_fn found_again(struct s *s)
{
    struct child *c = s->child;
    co_read(c);
    find(s, &c);
    c->reads++;
}
void drop(struct s *s)
{
    s->first = NULL;
}
void coroutine_fn asked_again(struct s *s)
{
    if (s->first) {
        s->first->reads++;
        qemu_coroutine_yield();
        if (s->first)
            s->first->reads++;
    }
    while (s->first) {
        s->first->reads++;
        qemu_coroutine_yield();
    }
}
int start_read(int fd);
void coroutine_fn failed_before(struct s *s, int fd)
{
    struct child *c = s->child;
    int ret = start_read(fd);
    if (!ret)
        co_read(c);
    if (ret < 0)
        c->reads++;
}
