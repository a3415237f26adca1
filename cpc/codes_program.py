"""Codes of the rules over whole programs (`cpc lint`), E0105 and W0501 and on: (code, title, text)."""

from __future__ import annotations

PROGRAM = (
    (
        "E0105",
        "a function for coroutines is not coroutine_fn",
        """\
Every call of the function is made in a coroutine, and it reaches a suspension through other plain
functions. The one that calls a coroutine_fn directly is reported as E0101; when that one is
mended, this one would be the next. `cpc lint --fix` marks them all.

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
would call it by the other convention, and readers of a header are told the wrong thing.

    int bdrv_co_check(BlockDriverState *bs);                     bad, in a header
    int coroutine_fn bdrv_co_check(BlockDriverState *bs);        good
    int coroutine_fn bdrv_co_check(BlockDriverState *bs) { ... }
""",
    ),
    (
        "W0501",
        "a coroutine_fn reaches a call that blocks",
        """\
The function of libc (or one that cpc.toml lists as blocking) stops its thread until it is done,
and with it every coroutine of that thread. The notes show the calls that lead there.

    static int coroutine_fn co_save(int fd) { return fsync(fd); }                       bad
    static int coroutine_fn co_save(int fd) { return thread_pool_submit_co(sync, &fd); } good
""",
    ),
    (
        "W0502",
        "a needless annotation",
        """\
The coroutine_fn calls nothing that is for coroutines, neither itself nor through what it calls,
and nobody uses its address. Without the annotation everybody may call it.

    static int coroutine_fn sum(int a, int b) { return a + b; }         bad
    static int sum(int a, int b) { return a + b; }                      good
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
)
