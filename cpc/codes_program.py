"""Codes of the rules over whole programs (`cpc lint`), E0105 and W0501 and on: (code, title, text)."""

from __future__ import annotations

PROGRAM = (
    (
        "E0105",
        "a function for coroutines is not coroutine_fn",
        """\
Every call of the function is made in a coroutine, and it reaches a suspension through other plain
functions. The one that calls a coroutine_fn directly is reported as E0101; when that one is
mended, this one would be the next. `cpc lint --fix` marks them all. So it is with a function that
is called in coroutines only and asks for its own by `qemu_coroutine_self()`, and with one that
asserts `qemu_in_coroutine()`, whoever calls it.

    static int deeper(void) { return co_read(); }                       E0101
    static int helper(void) { return deeper(); }                        bad
    int coroutine_fn f(void) { return helper(); }

    static int coroutine_fn deeper(void) { return co_read(); }          good
    static int coroutine_fn helper(void) { return deeper(); }           good
""",
    ),
    (
        "E0106",
        "declarations disagree about an annotation",
        """\
One declaration of the function is annotated and another is not. Units that see the second one
would call it by the other convention, and readers of a header are told the wrong thing. A
definition in a unit of compile_commands.json that was not read counts too: its text is searched.
The same is said of parameters that are pointers to functions.

    int bdrv_co_check(BlockDriverState *bs);                     bad, in a header
    int coroutine_fn bdrv_co_check(BlockDriverState *bs);        good
    int coroutine_fn bdrv_co_check(BlockDriverState *bs) { ... }
""",
    ),
    (
        "E0107",
        "a CoMutex is released by a function that is not for coroutines",
        """\
Only the coroutine that holds a CoMutex or a CoRwlock may release it. A plain function may run in
none, or, as a callback of the event loop, in the wrong one; then the lock's waiters are woken while
its holder still works, or the program ends at an assertion. Guards release too. The rule goes by
the name of the function that releases, whatever its declaration says.

    static void s_done(void *opaque)
    {
        struct s *s = opaque;
        qemu_co_mutex_unlock(&s->lock);             bad
    }

    static void coroutine_fn s_done(struct s *s)
    {
        qemu_co_mutex_unlock(&s->lock);             good
    }
""",
    ),
    (
        "W0501",
        "a coroutine_fn reaches a call that blocks",
        """\
The function of libc, of QEMU's event loop or one that cpc.toml lists as blocking stops its thread
until it is done, and with it every coroutine of that thread. The notes show the calls that lead
there, through pointers too. read() and its like are not meant where they are repeated until they
succeed, with a wait for the descriptor in between.

    static int coroutine_fn co_save(int fd) { return fsync(fd); }                       bad
    static int coroutine_fn co_save(int fd) { return thread_pool_submit_co(sync, &fd); } good
""",
    ),
    (
        "W0502",
        "a needless annotation",
        """\
The coroutine_fn calls nothing that is for coroutines, neither itself nor through what it calls,
unless that is annotated needlessly too; and nobody uses its address. Without the annotation
everybody may call it. A static function that calls into units that were not read is judged by what
is declared there; any other is not judged.

    static int coroutine_fn sum(int a, int b) { return a + b; }         bad
    static int sum(int a, int b) { return a + b; }                      good
""",
    ),
    (
        "W0503",
        "a coroutine suspends while it holds a lock of its thread",
        """\
While the coroutine waits, its thread goes on with others; the first that wants the lock waits for
ever, since the thread that would release it is the one that waits. RCU read sections that suspend
stop every grace period. Release the lock before, or use a CoMutex.

    qemu_mutex_lock(&s->lock);
    co_read(s->fd);                             bad
    qemu_mutex_unlock(&s->lock);

    qemu_co_mutex_lock(&s->co_lock);
    co_read(s->fd);                             good: other coroutines wait, the thread does not
    qemu_co_mutex_unlock(&s->co_lock);
""",
    ),
    (
        "W0504",
        "a lock held across a suspension is released on some paths only",
        """\
The function returns with the lock on one path and without it on another. Release it everywhere, or
use a guard, which does.

    qemu_co_mutex_lock(&s->lock);
    if (co_read(s->fd) < 0)
        return -EIO;                            bad: the lock is kept
    qemu_co_mutex_unlock(&s->lock);

    QEMU_LOCK_GUARD(&s->lock);                  good
""",
    ),
    (
        "W0505",
        "a pointer to a thread-local variable is used after a suspension",
        """\
The coroutine may go on in another thread, where the pointer still leads to the first one's
variable.

    struct stats *mine = &thread_stats;
    co_read(fd);
    mine->reads++;                              bad
    thread_stats.reads++;                       good
""",
    ),
    (
        "W0506",
        "a field is set from a copy that is older than a suspension",
        """\
Other coroutines ran while this one was suspended. What they wrote to the field is lost when it is
set from a copy that was read before.

    int n = s->in_flight;
    co_read(fd);
    s->in_flight = n + 1;                       bad
    s->in_flight++;                             good
""",
    ),
    (
        "W0507",
        "a coroutine suspends after setjmp",
        """\
longjmp goes back to a place on the stack. After a suspension that stack is another one, or gone.
A coroutine that calls longjmp after a suspension leaves the frames of its callers behind, and goes
to whoever called setjmp before it waited.

    if (setjmp(env) == 0)
        co_read(fd);                            bad

    n = co_read(fd);
    if (setjmp(env) == 0)
        parse(buf, n);                          good: longjmp comes before the next suspension
""",
    ),
    (
        "W0508",
        "coroutine functions call each other in a circle",
        """\
Each level keeps a frame while the innermost one is suspended. Give the depth a bound, or make it a
loop.

    static void coroutine_fn walk(struct node *n)
    {
        co_visit(n);
        if (n->next)
            walk(n->next);                      bad: as deep as the list is long
    }
""",
    ),
    (
        "W0509",
        "the result of a coroutine call is thrown away",
        """\
Most calls of this coroutine_fn look at its result, an int; this one does not, so that a failure
goes unseen. Handle it, or say that it does not matter.

    bdrv_co_flush(bs);                  bad
    ret = bdrv_co_flush(bs);            good
    (void)bdrv_co_flush(bs);            good: nothing can be done here
""",
    ),
    (
        "W0511",
        "a coroutine_fn calls a wrapper that asks where it runs",
        """\
The function tests qemu_in_coroutine() and calls a coroutine_fn when it is in one. A coroutine_fn
knows that it is, and can call that one directly: readers and tools see then that it suspends.

    int coroutine_fn f(BlockDriverState *bs) { return bdrv_flush(bs); }         bad
    int coroutine_fn f(BlockDriverState *bs) { return bdrv_co_flush(bs); }      good
""",
    ),
    (
        "W0512",
        "nobody uses the result of a static function",
        """\
Every call of the function throws its result away, so that it may as well return nothing; or the
calls forget to look at a failure.

    static int s_reset(struct s *s) { s->n = 0; return 0; }     bad, when all calls are s_reset(s);
    static void s_reset(struct s *s) { s->n = 0; }              good
""",
    ),
    (
        "W0513",
        "a pointer to a local of a block that has ended is used over a suspension",
        """\
What a block declares ends with it; so do its compound literals, and what a statement expression
declares. Without a suspension the memory is often still as it was. In a coroutine it is a slot of
the frame, which another variable has by then, or the stack of a thread that did other work.

    if (size < 512) {
        char bounce[512];
        buf = bounce;
    }
    co_read(fd, buf, size);                     bad: bounce has ended

    char bounce[512];
    if (size < 512)
        buf = bounce;
    co_read(fd, buf, size);                     good
""",
    ),
    (
        "W0514",
        "memory of alloca is kept while a coroutine waits",
        """\
Memory of alloca and arrays of variable length are on the stack of the coroutine, which is small and
of one size for all in QEMU, or in the frame, which is kept as long as the request waits. What a
request decides about their size it decides about every request that waits with it. alloca in a loop
that waits keeps the memory of every round until the function returns.

    char *name = alloca(len);
    co_read(fd, name, len);
    use(name);                                  bad

    while (more(s)) {
        char *line = alloca(80);                bad: 80 bytes more in each round
        co_read(fd, line, 80);
    }

    g_autofree char *name = g_malloc(len);
    co_read(fd, name, len);
    use(name);                                  good
""",
    ),
    (
        "W0515",
        "a pointer from before a suspension is followed though others change the field it came from",
        """\
While the coroutine waits, others run. If one of them puts another pointer into the field, or frees
what it points to, the copy leads to what is not in use any more, or not there any more. Read the
field again, or compare; hold a CoMutex that who changes it takes too; or count a reference.

    static void s_set_child(struct s *s, struct child *c) { free(s->child); s->child = c; }

    struct child *c = s->child;
    co_read(c->fd);
    c->reads++;                                 bad: s_set_child may have run

    co_read(s->child->fd);
    s->child->reads++;                          good, when the new child may be counted

    qemu_co_mutex_lock(&s->lock);
    c = s->child;
    co_read(c->fd);
    c->reads++;                                 good, when s_set_child is called with the lock
    qemu_co_mutex_unlock(&s->lock);
""",
    ),
)
