"""E0103: a coroutine_fn reaches a no_coroutine_fn.  W0501: it reaches a function of libc that blocks.

    int no_coroutine_fn blk_pread(...);
    static int helper(void) { return blk_pread(...); }
    void coroutine_fn f(void) { helper(); }                <- error: f -> helper -> blk_pread stops every coroutine

The way leads through plain functions, and mixed ones where they are not known to be outside coroutines; calls through
pointers are not followed, since which of the targets is called is not known.  The path is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cpc.diag import Note
from cpc.program.facts import COROUTINE, FunctionFacts
from cpc.program.program import Edge
from cpc.program.rules.base import Context, Finding, Rule

_BLOCKING_LIST = (
    "sleep usleep nanosleep clock_nanosleep poll ppoll select pselect epoll_wait epoll_pwait fsync fdatasync sync"
    " syncfs sync_file_range pread pwrite preadv pwritev pread64 pwrite64 preadv64 pwritev64 flock lockf"
    " pthread_cond_wait pthread_cond_timedwait pthread_join pthread_barrier_wait sem_wait sem_timedwait"
    " wait waitpid wait4 waitid system popen pclose getaddrinfo gethostbyname sigwait sigwaitinfo pause tcdrain"
    " g_poll g_usleep g_thread_join g_cond_wait"
)
LIBC = frozenset(_BLOCKING_LIST.split())


def check(context: Context) -> Iterator[Finding]:
    yield from _check(context, RULE, context.program.is_blocking, "no_coroutine_fn")


def check_libc(context: Context) -> Iterator[Finding]:
    known = LIBC | context.settings.blocking

    def blocks(id_: str) -> bool:
        return id_ in known and not context.program.is_coroutine(id_)

    yield from _check(context, LIBC_RULE, blocks, "blocking")


def _check(context: Context, rule: Rule, goal: Callable[[str], bool], words: str) -> Iterator[Finding]:
    program = context.program
    goals = [id_ for id_ in program.incoming if goal(id_)]
    leading = program.reaching(goals, _followed, program.is_coroutine)
    for fn in context.functions(COROUTINE):
        told: set[str] = set()
        for edge in program.edges(fn.id):
            if not _followed(edge) or edge.callee in told:
                continue
            told.add(edge.callee)
            way = [edge] if goal(edge.callee) else None
            if way is None and edge.callee in leading:
                way = _beyond(context, edge, goal)
            if way is not None and way[-1].callee not in told - {edge.callee}:
                told.add(way[-1].callee)
                yield _finding(context, rule, fn, way, words)


def _followed(edge: Edge) -> bool:
    return bool(edge.call.callee) and edge.call.guard != "plain"


def _beyond(context: Context, edge: Edge, goal: Callable[[str], bool]) -> list[Edge] | None:
    """The way through a plain callee."""
    program = context.program

    def follow(step: Edge) -> bool:
        return _followed(step) and (goal(step.callee) or not program.is_coroutine(step.callee))

    if program.is_coroutine(edge.callee):
        return None
    rest = program.path(edge.callee, goal, follow)
    return [edge, *rest] if rest is not None else None


def _finding(context: Context, rule: Rule, fn: FunctionFacts, way: list[Edge], words: str) -> Finding:
    last = context.program.name(way[-1].callee)
    verb = "calls" if len(way) == 1 else "reaches"
    notes: tuple[Note, ...] = context.way_notes(way[1:]) + context.declared_here(way[-1].callee)
    through = f" through '{context.program.name(way[0].callee)}'" if len(way) > 1 else ""
    return rule.finding(
        way[0].call.loc,
        f"coroutine_fn '{fn.name}' {verb} {words} '{last}'{through}",
        fn.id,
        help=f"call the coroutine version of '{last}', or hand it to the thread pool",
        notes=notes,
    )


RULE = Rule("E0103", "error", check)
LIBC_RULE = Rule("W0501", "warning", check_libc)
