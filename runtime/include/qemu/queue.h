/* Linked lists with QEMU's names: the C library's <sys/queue.h>, which QEMU's came from, and what it
 * lacks.
 *
 * QSLIST one link, QLIST two links, QSIMPLEQ one link and a tail, QTAILQ two links and a tail.  The
 * structures are those of <sys/queue.h>; an element's link must be zero or set before
 * QLIST_IS_INSERTED or QTAILQ_IN_USE asks about it. */
#ifndef QEMU_QUEUE_H
#define QEMU_QUEUE_H

#include <stddef.h>
#include <sys/queue.h>

/* ---- QSLIST ---- */

#define QSLIST_HEAD(name, type) SLIST_HEAD(name, type)
#define QSLIST_HEAD_INITIALIZER(head) SLIST_HEAD_INITIALIZER(head)
#define QSLIST_ENTRY(type) SLIST_ENTRY(type)
#define QSLIST_INIT(head) SLIST_INIT(head)
#define QSLIST_EMPTY(head) SLIST_EMPTY(head)
#define QSLIST_FIRST(head) SLIST_FIRST(head)
#define QSLIST_NEXT(elm, field) SLIST_NEXT(elm, field)
#define QSLIST_INSERT_HEAD(head, elm, field) SLIST_INSERT_HEAD(head, elm, field)
#define QSLIST_INSERT_AFTER(elm, after, field) SLIST_INSERT_AFTER(elm, after, field)
#define QSLIST_REMOVE_HEAD(head, field) SLIST_REMOVE_HEAD(head, field)
#define QSLIST_REMOVE(head, elm, type, field) SLIST_REMOVE(head, elm, type, field)
#define QSLIST_FOREACH(var, head, field) SLIST_FOREACH(var, head, field)
#define QSLIST_FOREACH_SAFE(var, head, field, next) \
    for ((var) = SLIST_FIRST(head); (var) && ((next) = SLIST_NEXT(var, field), 1); (var) = (next))

/* ---- QLIST ---- */

#define QLIST_HEAD(name, type) LIST_HEAD(name, type)
#define QLIST_HEAD_INITIALIZER(head) LIST_HEAD_INITIALIZER(head)
#define QLIST_ENTRY(type) LIST_ENTRY(type)
#define QLIST_INIT(head) LIST_INIT(head)
#define QLIST_EMPTY(head) LIST_EMPTY(head)
#define QLIST_FIRST(head) LIST_FIRST(head)
#define QLIST_NEXT(elm, field) LIST_NEXT(elm, field)
#define QLIST_INSERT_HEAD(head, elm, field) LIST_INSERT_HEAD(head, elm, field)
#define QLIST_INSERT_AFTER(listelm, elm, field) LIST_INSERT_AFTER(listelm, elm, field)
#define QLIST_INSERT_BEFORE(listelm, elm, field) LIST_INSERT_BEFORE(listelm, elm, field)
#define QLIST_REMOVE(elm, field) \
    do { \
        LIST_REMOVE(elm, field); \
        (elm)->field.le_next = NULL; \
        (elm)->field.le_prev = NULL; \
    } while (0)
#define QLIST_IS_INSERTED(elm, field) ((elm)->field.le_prev != NULL)
#define QLIST_SAFE_REMOVE(elm, field) \
    do { \
        if (QLIST_IS_INSERTED(elm, field)) { \
            QLIST_REMOVE(elm, field); \
        } \
    } while (0)
#define QLIST_FOREACH(var, head, field) LIST_FOREACH(var, head, field)
#define QLIST_FOREACH_SAFE(var, head, field, next) \
    for ((var) = LIST_FIRST(head); (var) && ((next) = LIST_NEXT(var, field), 1); (var) = (next))

/* ---- QSIMPLEQ ---- */

#define QSIMPLEQ_HEAD(name, type) STAILQ_HEAD(name, type)
#define QSIMPLEQ_HEAD_INITIALIZER(head) STAILQ_HEAD_INITIALIZER(head)
#define QSIMPLEQ_ENTRY(type) STAILQ_ENTRY(type)
#define QSIMPLEQ_INIT(head) STAILQ_INIT(head)
#define QSIMPLEQ_EMPTY(head) STAILQ_EMPTY(head)
#define QSIMPLEQ_FIRST(head) STAILQ_FIRST(head)
#define QSIMPLEQ_NEXT(elm, field) STAILQ_NEXT(elm, field)
#define QSIMPLEQ_INSERT_HEAD(head, elm, field) STAILQ_INSERT_HEAD(head, elm, field)
#define QSIMPLEQ_INSERT_TAIL(head, elm, field) STAILQ_INSERT_TAIL(head, elm, field)
#define QSIMPLEQ_INSERT_AFTER(head, listelm, elm, field) \
    STAILQ_INSERT_AFTER(head, listelm, elm, field)
#define QSIMPLEQ_REMOVE_HEAD(head, field) STAILQ_REMOVE_HEAD(head, field)
#define QSIMPLEQ_REMOVE(head, elm, type, field) STAILQ_REMOVE(head, elm, type, field)
#define QSIMPLEQ_CONCAT(head1, head2) STAILQ_CONCAT(head1, head2)
#define QSIMPLEQ_FOREACH(var, head, field) STAILQ_FOREACH(var, head, field)
#define QSIMPLEQ_FOREACH_SAFE(var, head, field, next) \
    for ((var) = STAILQ_FIRST(head); (var) && ((next) = STAILQ_NEXT(var, field), 1); (var) = (next))

/* ---- QTAILQ ---- */

/* Heads and links alike: the tail of a list, seen backwards. */
struct qtailq_back {
    void *first;
    struct qtailq_back *last;
};

#define QTAILQ_HEAD(name, type) TAILQ_HEAD(name, type)
#define QTAILQ_HEAD_INITIALIZER(head) TAILQ_HEAD_INITIALIZER(head)
#define QTAILQ_ENTRY(type) TAILQ_ENTRY(type)
#define QTAILQ_INIT(head) TAILQ_INIT(head)
#define QTAILQ_EMPTY(head) TAILQ_EMPTY(head)
#define QTAILQ_FIRST(head) TAILQ_FIRST(head)
#define QTAILQ_NEXT(elm, field) TAILQ_NEXT(elm, field)
#define QTAILQ_LAST(head) \
    ((__typeof__((head)->tqh_first))((struct qtailq_back *)(void *)(head)->tqh_last)->last->first)
#define QTAILQ_PREV(elm, field) \
    ((__typeof__((elm)->field.tqe_next)) \
         ((struct qtailq_back *)(void *)(elm)->field.tqe_prev)->last->first)
#define QTAILQ_INSERT_HEAD(head, elm, field) TAILQ_INSERT_HEAD(head, elm, field)
#define QTAILQ_INSERT_TAIL(head, elm, field) TAILQ_INSERT_TAIL(head, elm, field)
#define QTAILQ_INSERT_AFTER(head, listelm, elm, field) TAILQ_INSERT_AFTER(head, listelm, elm, field)
#define QTAILQ_INSERT_BEFORE(listelm, elm, field) TAILQ_INSERT_BEFORE(listelm, elm, field)
#define QTAILQ_REMOVE(head, elm, field) \
    do { \
        TAILQ_REMOVE(head, elm, field); \
        (elm)->field.tqe_prev = NULL; \
    } while (0)
#define QTAILQ_IN_USE(elm, field) ((elm)->field.tqe_prev != NULL)
#define QTAILQ_FOREACH(var, head, field) TAILQ_FOREACH(var, head, field)
#define QTAILQ_FOREACH_SAFE(var, head, field, next) \
    for ((var) = TAILQ_FIRST(head); (var) && ((next) = TAILQ_NEXT(var, field), 1); (var) = (next))
#define QTAILQ_FOREACH_REVERSE(var, head, field) \
    for ((var) = QTAILQ_LAST(head); (var); (var) = QTAILQ_PREV(var, field))

#endif
