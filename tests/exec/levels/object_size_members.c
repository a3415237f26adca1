/* __builtin_object_size through pointers: members, arrays at the end of structs, unions, casts, heap, moved addresses. */
#include <stdio.h>
#include <stdlib.h>

struct padded { long n; char tail[3]; };
struct flexible { int n; char data[]; } flexible = {1, "012345"}, plain;
struct counted { long n; char kind; short data[]; } counted = {1, 2, {3, 4, 5}};
static struct zero { int n; char data[0]; } zero, filled = {1, {2, 3}};
extern struct flexible elsewhere;
extern struct padded unbounded[];
struct nested { int i; struct padded in; };
struct within { int i; struct { char b, a[10]; } j[1]; };
union either { int i; struct { char b; char c[10]; } d; char one[1]; };
struct ends_in_union { int i; union { long l; char c[3]; } u; };
struct middle { int i; union { long l; char c[3]; } u; int last; };
typedef int four __attribute__((vector_size(16)));
struct mixed { _Complex double z; four v; char rows[2][5]; char end; } mixed;

#define SIZES(e) printf("%-34s %ld %ld %ld %ld\n", #e, (long)__builtin_object_size(e, 0), \
    (long)__builtin_object_size(e, 1), (long)__builtin_object_size(e, 2), (long)__builtin_object_size(e, 3))

__attribute__((noinline)) static void pointers(struct padded *p, struct nested *n, struct within *w, union either *u,
                                               struct ends_in_union *e, struct middle *m, struct flexible *f, int i)
{
    SIZES(p->tail); SIZES(&p->tail[1]); SIZES(&p->n); SIZES(&p[3].n); SIZES(p[i].tail); SIZES((char *)&p->tail + 2);
    SIZES(n->in.tail); SIZES(&n->in.tail[2]); SIZES(&n->in); SIZES(w->j[0].a); SIZES(&w->j[i].a[3]); SIZES(w->j);
    SIZES((char *)&w->j[0]); SIZES(u->d.c); SIZES(&u->d.c[3]); SIZES(u->one); SIZES(&u->i); SIZES(e->u.c);
    SIZES(&e->u.l); SIZES(m->u.c); SIZES(&m->u.c[1]); SIZES(f->data); SIZES(&f->data[4]); SIZES(&f->n);
    SIZES((*p).tail); SIZES(&(*p).n);
}

__attribute__((noinline)) static void heap(void)
{
    struct padded *big = malloc(50), *small = malloc(9);
    struct middle *m = malloc(6);
    union either *u = malloc(32);
    SIZES(&big->n); SIZES(big->tail); SIZES(&big->tail[2]); SIZES(small->tail);
    SIZES(&small->tail[1]); SIZES(&small->n); SIZES(m->u.c); SIZES(&m->last); SIZES(u->d.c); SIZES(&u->i);
    free(big); free(small); free(m); free(u);
}

int main(void)
{
    char raw[40];
    struct nested local;
    SIZES(&flexible); SIZES(flexible.data); SIZES(&flexible.data[2]); SIZES(&flexible.n); SIZES(&plain);
    SIZES(plain.data); SIZES(&counted); SIZES(counted.data); SIZES(&zero); SIZES(zero.data); SIZES(filled.data);
    SIZES(((struct zero *)raw)->data); SIZES(((struct padded *)&raw[8])->tail);
    SIZES(((struct flexible *)(raw + 30))->data); SIZES(((struct padded *)(raw + 36))->tail);
    SIZES(&local.in.tail[2]);
    SIZES(&raw[40]); SIZES(&raw[39] + 1); SIZES(raw + 41); SIZES((&local)->in.tail); SIZES(&mixed.v[1]);
    SIZES(&mixed.rows[1][2]); SIZES(mixed.rows[1]); SIZES(&mixed.rows[1]); SIZES(&"text"[1]);
    SIZES((raw, &raw[3])); SIZES(2 + raw); SIZES(&3[raw]);
    pointers((void *)raw, (void *)raw, (void *)raw, (void *)raw, (void *)raw, (void *)raw, (void *)raw, 1);
    heap();
    return 0;
}
