/* CoRwlock, guards and QemuLockable: QEMU's upgrade, downgrade and lockable tests, order of arrival,
 * unlocking on every path out of a scope, misuse. */
#include "test.h"

#include "co.h"

#include <qemu/lockable.h>

static char order[64];

static void note(char name)
{
    order[strlen(order)] = name;
}

static void check_order(const char *expected)
{
    if (strcmp(order, expected) != 0) {
        fprintf(stderr, "order '%s', expected '%s'\n", order, expected);
        CHECK(!"the order is as expected");
    }
    memset(order, 0, sizeof order);
}

static Coroutine *start(CoroutineEntry *entry, void *opaque)
{
    Coroutine *co = qemu_coroutine_create(entry, opaque);

    qemu_coroutine_enter(co);
    return co;
}

/* ---- CoRwlock ---- */

static CoRwlock rwlock;

/* One letter per step: r rdlock, w wrlock, u upgrade, d downgrade, - unlock, y yield; notes the
 * name when a lock was taken and its capital at the end. */
struct script {
    const char *steps;
    char name;
};

static void coroutine_fn run_script(void *opaque)
{
    const struct script *script = opaque;

    for (const char *step = script->steps; *step; step++) {
        switch (*step) {
        case 'r':
            qemu_co_rwlock_rdlock(&rwlock);
            note(script->name);
            break;
        case 'w':
            qemu_co_rwlock_wrlock(&rwlock);
            note(script->name);
            break;
        case 'u':
            qemu_co_rwlock_upgrade(&rwlock);
            note(script->name);
            break;
        case 'd':
            qemu_co_rwlock_downgrade(&rwlock);
            break;
        case '-':
            qemu_co_rwlock_unlock(&rwlock);
            break;
        default:
            qemu_coroutine_yield();
        }
    }
    note((char)(script->name - 'a' + 'A'));
}

static struct script scripts[8];

static Coroutine *start_script(char name, const char *steps)
{
    scripts[name - 'a'] = (struct script){ steps, name };
    return start(run_script, &scripts[name - 'a']);
}

/* A sole reader that upgrades goes behind the writer that waits. */
static void test_upgrade(void)
{
    qemu_co_rwlock_init(&rwlock);
    Coroutine *a = start_script('a', "ryu-");
    Coroutine *b = start_script('b', "wy-");
    check_order("a");
    qemu_coroutine_enter(a);
    check_order("b");
    qemu_coroutine_enter(b);
    check_order("BaA");
}

/* A sole reader that upgrades while nobody waits does not wait either. */
static void test_upgrade_at_once(void)
{
    qemu_co_rwlock_init(&rwlock);
    start_script('a', "ru-");
    check_order("aaA");
    /* Other readers leave first. */
    Coroutine *b = start_script('b', "ry-");
    start_script('c', "ru-");
    check_order("bc");
    qemu_coroutine_enter(b);
    check_order("BcC");
    CHECK_EQ(rwlock.owners, 0);
}

/* reader, writer, reader, writer: the writer that downgrades lets the reader in. */
static void test_downgrade(void)
{
    qemu_co_rwlock_init(&rwlock);
    Coroutine *a = start_script('a', "ry-y");
    start_script('b', "wd-");
    start_script('c', "r-");
    start_script('d', "w-");
    check_order("a");
    qemu_coroutine_enter(a);
    check_order("bBcCdD");
    qemu_coroutine_enter(a);
    check_order("A");
    CHECK_EQ(rwlock.owners, 0);
}

/* A downgrade comes to readers that wait while others write behind them. */
static void test_downgrade_shares(void)
{
    qemu_co_rwlock_init(&rwlock);
    Coroutine *a = start_script('a', "wydy-");
    Coroutine *b = start_script('b', "ry-");
    Coroutine *c = start_script('c', "ry-");
    start_script('d', "w-");
    start_script('e', "r-");
    qemu_coroutine_enter(a);
    check_order("abc");
    CHECK_EQ(rwlock.owners, 3);
    qemu_coroutine_enter(c);
    qemu_coroutine_enter(a);
    check_order("CA");
    qemu_coroutine_enter(b);
    check_order("BdDeE");
}

/* Readers share; who comes behind a waiting writer waits, so the writer is not starved. */
static void test_rwlock_order(void)
{
    qemu_co_rwlock_init(&rwlock);
    Coroutine *a = start_script('a', "ry-");
    Coroutine *b = start_script('b', "ry-");
    Coroutine *c = start_script('c', "wy-");
    Coroutine *d = start_script('d', "ry-");
    Coroutine *e = start_script('e', "ry-");
    start_script('f', "w-");
    check_order("ab");
    qemu_coroutine_enter(a);
    check_order("A");
    qemu_coroutine_enter(b);
    check_order("Bc");
    qemu_coroutine_enter(c);
    check_order("Cde");
    qemu_coroutine_enter(d);
    qemu_coroutine_enter(e);
    check_order("DEfF");
}

static void coroutine_fn only_unlock(void *opaque)
{
    qemu_co_rwlock_unlock(opaque);
}

static void coroutine_fn only_upgrade(void *opaque)
{
    qemu_co_rwlock_upgrade(opaque);
}

static void coroutine_fn only_downgrade(void *opaque)
{
    qemu_co_rwlock_downgrade(opaque);
}

static void coroutine_fn end_as_reader(void *opaque)
{
    qemu_co_rwlock_rdlock(opaque);
}

static void test_rwlock_misuse(void)
{
    qemu_co_rwlock_init(&rwlock);
    CHECK_FATAL(start(only_unlock, &rwlock), "CoRwlock is not held by the calling coroutine");
    CHECK_FATAL(start(only_upgrade, &rwlock), "no coroutine reads under this CoRwlock");
    CHECK_FATAL(start(only_downgrade, &rwlock), "no coroutine writes under this CoRwlock");
    CHECK_FATAL(start(end_as_reader, &rwlock), "Co-routine ended while it holds 1 lock(s)");
}

/* ---- QemuLockable ---- */

static bool locked;
static int done;

static void coroutine_fn lock_yield_unlock(void *opaque)
{
    QemuLockable *lockable = opaque;

    qemu_lockable_lock(lockable);
    CHECK(!locked);
    locked = true;
    qemu_coroutine_yield();
    locked = false;
    qemu_lockable_unlock(lockable);
    done++;
}

static void test_lockable(void)
{
    CoMutex mutex, *null_pointer = NULL;

    qemu_co_mutex_init(&mutex);
    QemuLockable *lockable = QEMU_MAKE_LOCKABLE(&mutex);
    CHECK(QEMU_MAKE_LOCKABLE(lockable) == lockable);
    CHECK(QEMU_MAKE_LOCKABLE(null_pointer) == NULL);
    CHECK(QEMU_MAKE_LOCKABLE(NULL) == NULL);
    done = 0;
    Coroutine *a = start(lock_yield_unlock, lockable);
    Coroutine *b = start(lock_yield_unlock, lockable);
    qemu_coroutine_enter(a);
    CHECK_EQ(done, 1);
    CHECK(locked);
    qemu_coroutine_enter(b);
    CHECK_EQ(done, 2);
    CHECK_EQ(mutex.state, 0);
}

/* ---- guards ---- */

static CoMutex guarded;

/* Leaves its scope in a way that depends on `how`; the guard unlocks once on each. */
static int coroutine_fn leave(int how)
{
    QEMU_LOCK_GUARD(&guarded);
    qemu_co_mutex_assert_locked(&guarded);
    if (how == 0) {
        return 0;
    }
    for (int i = 0; i < 3; i++) {
        qemu_coroutine_yield();
        if (how == 1 && i == 1) {
            return 1;
        }
        if (how == 2) {
            goto out;
        }
    }
out:
    qemu_co_mutex_assert_locked(&guarded);
    return 2;
}

static int coroutine_fn with_guard(int how)
{
    WITH_QEMU_LOCK_GUARD(&guarded) {
        qemu_coroutine_yield();
        qemu_co_mutex_assert_locked(&guarded);
        if (how == 0) {
            return 0;
        }
        if (how == 1) {
            break;
        }
        qemu_coroutine_yield();
    }
    CHECK_EQ(guarded.state, 0);
    return how;
}

static void coroutine_fn leave_everyhow(void *opaque)
{
    CoMutex *none = NULL;

    (void)opaque;
    for (int how = 0; how < 4; how++) {
        CHECK_EQ(leave(how), how > 2 ? 2 : how);
        CHECK_EQ(guarded.state, 0);
        CHECK_EQ(qemu_coroutine_self()->locks_held, 0);
    }
    for (int how = 0; how < 3; how++) {
        CHECK_EQ(with_guard(how), how);
        CHECK_EQ(guarded.state, 0);
        CHECK_EQ(qemu_coroutine_self()->locks_held, 0);
    }
    QEMU_LOCK_GUARD(none);
    done = 1;
}

static void test_guards(void)
{
    qemu_co_mutex_init(&guarded);
    done = 0;
    Coroutine *co = start(leave_everyhow, NULL);
    for (int i = 0; !done; i++) {
        CHECK(i < 100);
        qemu_coroutine_enter(co);
    }
}

/* Two in turn: the guard's unlock hands over. */
static void coroutine_fn guard_and_note(void *opaque)
{
    const struct script *script = opaque;

    for (int i = 0; i < 2; i++) {
        QEMU_LOCK_GUARD(&guarded);
        note(script->name);
        qemu_coroutine_yield();
    }
    note('.');
}

static void test_guard_order(void)
{
    struct script a = { NULL, 'a' }, b = { NULL, 'b' };

    qemu_co_mutex_init(&guarded);
    Coroutine *one = start(guard_and_note, &a);
    Coroutine *two = start(guard_and_note, &b);
    qemu_coroutine_enter(one);
    qemu_coroutine_enter(two);
    qemu_coroutine_enter(one);
    qemu_coroutine_enter(two);
    check_order("aba.b.");
}

/* Locks of threads, in a coroutine that does not yield with them. */
static void coroutine_fn guard_thread_locks(void *opaque)
{
    QemuMutex mutex;
    QemuRecMutex recursive;
    QemuSpin spin;

    (void)opaque;
    qemu_mutex_init(&mutex);
    qemu_rec_mutex_init(&recursive);
    qemu_spin_init(&spin);
    WITH_QEMU_LOCK_GUARD(&mutex) {
        CHECK(qemu_mutex_trylock(&mutex) != 0);
    }
    WITH_QEMU_LOCK_GUARD(&recursive) {
        QEMU_LOCK_GUARD(&recursive);
        CHECK_EQ(qemu_rec_mutex_trylock(&recursive), 0);
        qemu_rec_mutex_unlock(&recursive);
    }
    WITH_QEMU_LOCK_GUARD(&spin) {
        CHECK(qemu_spin_locked(&spin));
    }
    CHECK(!qemu_spin_locked(&spin));
    CHECK_EQ(qemu_mutex_trylock(&mutex), 0);
    qemu_mutex_unlock(&mutex);
    qemu_mutex_destroy(&mutex);
    qemu_rec_mutex_destroy(&recursive);
    done = 1;
}

/* The same in a plain function; a CoMutex has no business there. */
static int guard_in_plain_function(QemuMutex *mutex)
{
    WITH_QEMU_LOCK_GUARD(mutex) {
        CHECK(qemu_mutex_trylock(mutex) != 0);
    }
    QEMU_LOCK_GUARD(mutex);
    return qemu_mutex_trylock(mutex) != 0;
}

static void lock_in_plain_function(CoMutex *mutex)
{
    QEMU_LOCK_GUARD(mutex);
}

static void test_plain_guards(void)
{
    CoMutex co_mutex;
    QemuMutex mutex;

    qemu_mutex_init(&mutex);
    qemu_co_mutex_init(&co_mutex);
    CHECK_EQ(guard_in_plain_function(&mutex), 1);
    qemu_lockable_lock(QEMU_MAKE_LOCKABLE(&mutex));
    CHECK(qemu_mutex_trylock(&mutex) != 0);
    qemu_lockable_unlock(QEMU_MAKE_LOCKABLE(&mutex));
    CHECK_EQ(qemu_mutex_trylock(&mutex), 0);
    qemu_mutex_unlock(&mutex);
    CHECK_FATAL(lock_in_plain_function(&co_mutex), "a CoMutex cannot be locked outside a coroutine");
    qemu_mutex_destroy(&mutex);
}

static void test_guard_kinds(void)
{
    done = 0;
    start(guard_thread_locks, NULL);
    CHECK_EQ(done, 1);
}

static const struct test tests[] = {
    { "upgrade", test_upgrade },
    { "upgrade-at-once", test_upgrade_at_once },
    { "downgrade", test_downgrade },
    { "downgrade-shares", test_downgrade_shares },
    { "rwlock-order", test_rwlock_order },
    { "rwlock-misuse", test_rwlock_misuse },
    { "lockable", test_lockable },
    { "guards", test_guards },
    { "guard-order", test_guard_order },
    { "guard-kinds", test_guard_kinds },
    { "plain-guards", test_plain_guards },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
