/* Linked lists: insertion, reversal, merge sort by links. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define COUNT 20000

struct node {
    struct node *next;
    int value;
};

static struct node nodes[COUNT];

static struct node *merge(struct node *a, struct node *b)
{
    struct node *head = NULL, **tail = &head;
    while (a && b) {
        struct node **least = a->value <= b->value ? &a : &b;
        *tail = *least;
        tail = &(*least)->next;
        *least = (*least)->next;
    }
    *tail = a ? a : b;
    return head;
}

static struct node *sort(struct node *list)
{
    if (!list || !list->next) {
        return list;
    }
    struct node *slow = list, *fast = list->next;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    struct node *half = slow->next;
    slow->next = NULL;
    return merge(sort(list), sort(half));
}

static struct node *reverse(struct node *list)
{
    struct node *result = NULL;
    while (list) {
        struct node *next = list->next;
        list->next = result;
        result = list;
        list = next;
    }
    return result;
}

int main(void)
{
    uint32_t random = 5;
    unsigned long sum = 0;
    for (int round = 0; round < 100; round++) {
        struct node *list = NULL;
        for (int i = 0; i < COUNT; i++) {
            random = random * 1664525 + 1013904223;
            nodes[i].value = (int)(random >> 8);
            nodes[i].next = list;
            list = &nodes[i];
        }
        list = reverse(sort(list));
        int place = 0;
        for (struct node *n = list; n; n = n->next) {
            sum += (unsigned long)n->value * (unsigned)(place++ & 7);
        }
    }
    printf("%lu\n", sum);
    return 0;
}
