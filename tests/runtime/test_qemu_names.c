/* The headers with QEMU's names, all in one program, in the order that QEMU's files include them in;
 * and the macros that are not tested elsewhere: lists, atomics, small ones. */
#include "qemu/osdep.h"
#include "qemu/coroutine.h"
#include "qemu/coroutine_int.h"
#include "qemu/coroutine-core.h"
#include "qemu/coroutine-tls.h"
#include "qemu/co-shared-resource.h"
#include "qemu/lockable.h"
#include "qemu/main-loop.h"
#include "qemu/atomic.h"
#include "qemu/queue.h"
#include "qemu/thread.h"
#include "qemu/timer.h"
#include "qemu/compiler.h"
#include "block/aio.h"
#include "block/aio_task.h"
#include "block/aio-wait.h"
#include "block/thread-pool.h"
#include "sysemu/iothread.h"

#include "test.h"

#define CONFIG_AS_NOTHING
#define CONFIG_AS_0 0

typedef struct Item {
    int value;
    QSLIST_ENTRY(Item) single;
    QLIST_ENTRY(Item) list;
    QSIMPLEQ_ENTRY(Item) simple;
    QTAILQ_ENTRY(Item) tail;
} Item;

static Item items[4] = { { .value = 1 }, { .value = 2 }, { .value = 3 }, { .value = 4 } };

static void test_one_link(void)
{
    QSLIST_HEAD(, Item) head = QSLIST_HEAD_INITIALIZER(head);
    QSIMPLEQ_HEAD(, Item) queue = QSIMPLEQ_HEAD_INITIALIZER(queue);
    Item *item, *next;
    int sum = 0;

    CHECK(QSLIST_EMPTY(&head) && QSIMPLEQ_EMPTY(&queue));
    for (int i = 0; i < 4; i++) {
        QSLIST_INSERT_HEAD(&head, &items[i], single);
        QSIMPLEQ_INSERT_TAIL(&queue, &items[i], simple);
    }
    QSLIST_REMOVE_HEAD(&head, single);
    CHECK_EQ(QSLIST_FIRST(&head)->value, 3);
    QSLIST_FOREACH_SAFE(item, &head, single, next) {
        sum = 10 * sum + item->value;
        memset(&item->single, 0xff, sizeof item->single);
    }
    CHECK_EQ(sum, 321);
    sum = 0;
    QSIMPLEQ_REMOVE(&queue, &items[1], Item, simple);
    QSIMPLEQ_FOREACH(item, &queue, simple) {
        sum = 10 * sum + item->value;
    }
    CHECK_EQ(sum, 134);
}

static void test_two_links(void)
{
    QLIST_HEAD(, Item) head = QLIST_HEAD_INITIALIZER(head);
    QTAILQ_HEAD(, Item) queue = QTAILQ_HEAD_INITIALIZER(queue);
    Item *item;
    int sum = 0;

    CHECK(!QTAILQ_LAST(&queue) && !QLIST_IS_INSERTED(&items[0], list));
    for (int i = 0; i < 4; i++) {
        QLIST_INSERT_HEAD(&head, &items[i], list);
        QTAILQ_INSERT_TAIL(&queue, &items[i], tail);
    }
    QLIST_SAFE_REMOVE(&items[2], list);
    QLIST_SAFE_REMOVE(&items[2], list);
    QLIST_FOREACH(item, &head, list) {
        sum = 10 * sum + item->value;
    }
    CHECK_EQ(sum, 421);
    sum = 0;
    QTAILQ_REMOVE(&queue, &items[0], tail);
    CHECK(!QTAILQ_IN_USE(&items[0], tail) && QTAILQ_IN_USE(&items[1], tail));
    QTAILQ_FOREACH_REVERSE(item, &queue, tail) {
        sum = 10 * sum + item->value;
    }
    CHECK_EQ(sum, 432);
    CHECK_EQ(QTAILQ_PREV(&items[3], tail)->value, 3);
    CHECK(!QTAILQ_PREV(&items[1], tail));
}

static void test_atomics(void)
{
    int n = 5;
    Item *pointer = NULL;

    CHECK_EQ(qatomic_fetch_inc(&n), 5);
    CHECK_EQ(qatomic_add_fetch(&n, 10), 16);
    CHECK_EQ(qatomic_cmpxchg(&n, 16, 1), 16);
    CHECK_EQ(qatomic_cmpxchg(&n, 16, 2), 1);
    CHECK_EQ(qatomic_xchg(&n, 7), 1);
    qatomic_or(&n, 8);
    qatomic_store_release(&pointer, &items[0]);
    CHECK(qatomic_load_acquire(&pointer) == &items[0] && qatomic_read(&n) == 15);
    smp_mb();
}

static void test_macros(void)
{
    Item *item = container_of(&items[2].list, Item, list);
    int glue(first, _name) = 3, calls = 0;

    CHECK_EQ(item->value, first_name);
    CHECK(strcmp(stringify(glue(a, b)), "ab") == 0);
    CHECK_EQ(ARRAY_SIZE(items), 4);
    CHECK_EQ(MIN(++calls, 5), 1);
    CHECK_EQ(MAX(++calls, 5), 5);
    CHECK_EQ(calls, 2);
    CHECK_EQ(ROUND_UP(13, 8), 16);
    CHECK_EQ(DIV_ROUND_UP(13, 8), 2);
    CHECK(QEMU_IS_ALIGNED(24, 8) && !QEMU_IS_ALIGNED(25, 8));
    CHECK(IS_ENABLED(CONFIG_COROUTINE_POOL) && IS_ENABLED(CONFIG_AS_NOTHING));
    CHECK(!IS_ENABLED(CONFIG_NOT_DEFINED) && !IS_ENABLED(CONFIG_AS_0));
}

static void test_pool_size(void)
{
    qemu_coroutine_inc_pool_size(64);
    qemu_coroutine_dec_pool_size(64);
    CHECK_FATAL(qemu_coroutine_dec_pool_size(1), "1 taken back of 0");
}

static const struct test tests[] = {
    { "one-link", test_one_link },
    { "two-links", test_two_links },
    { "atomics", test_atomics },
    { "macros", test_macros },
    { "pool-size", test_pool_size },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
