"""E0103: a coroutine_fn reaches a no_coroutine_fn.  W0501: it reaches a function that is known to block.

    int no_coroutine_fn blk_pread(...);
    static int helper(void) { return blk_pread(...); }
    void coroutine_fn f(void) { helper(); }                <- error: f -> helper -> blk_pread stops every coroutine

The way leads through plain functions, and mixed ones where they are not known to be outside coroutines; calls through
pointers are followed to each of their targets while these are few.  The path is shown.

A call such as read() is not meant where it is repeated until it succeeds, with a wait for the descriptor in between:

    while ((n = recv(fd, p, size, 0)) < 0 && errno == EAGAIN) yield_until_fd_readable(fd);
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cpc.diag import Note
from cpc.program.facts import COROUTINE, Call, Event, FunctionFacts
from cpc.program.program import Edge
from cpc.program.rules.base import YIELD, Context, Finding, Rule
from cpc.program.rules.flow import behind, events, states

_BLOCKING_LIST = (
    "sleep usleep nanosleep clock_nanosleep poll ppoll select pselect epoll_wait epoll_pwait fsync fdatasync sync"
    " syncfs sync_file_range pread pwrite preadv pwritev pread64 pwrite64 preadv64 pwritev64 flock lockf"
    " pthread_cond_wait pthread_cond_timedwait pthread_join pthread_barrier_wait sem_wait sem_timedwait"
    " wait waitpid wait4 waitid system popen pclose getaddrinfo gethostbyname sigwait sigwaitinfo pause tcdrain"
    " g_poll g_usleep g_thread_join g_cond_wait mq_receive mq_send msgrcv msgsnd"
)
_READ_LIST = (
    "read readv recv recvfrom recvmsg recvmmsg accept accept4 connect sendfile splice copy_file_range"
    " fread fgets getline getdelim"
)
_WRITES = frozenset(
    ["write", "writev", "send", "sendto", "sendmsg", "sendmmsg"]
)  # to wake others too: only where called itself
_QEMU_LIST = (
    "aio_poll main_loop_wait qemu_sem_wait qemu_sem_timedwait qemu_event_wait qemu_cond_wait_impl"
    " qemu_cond_timedwait_impl qemu_thread_join"
)
_ON_DESCRIPTORS = frozenset(_READ_LIST.split()) | _WRITES
_KNOWN = frozenset(_BLOCKING_LIST.split()) | frozenset(_QEMU_LIST.split())
_MOVERS = frozenset(("co_run_in_worker_bh",))  # QEMU's 9pfs schedules it, and yields: it goes on in a worker
_MOST_TARGETS = 4
_WAITS = re.compile(r"yield|wait|poll|ready|readable|writable")
_Goal = Callable[[str], bool]
_Follow = Callable[[Context, Edge], bool]


def check(context: Context) -> Iterator[Finding]:
    yield from _check(context, RULE, context.program.is_blocking, _followed, "no_coroutine_fn")


def check_known(context: Context) -> Iterator[Finding]:
    def is_one_of(names: frozenset[str]) -> Callable[[str], bool]:
        return lambda id_: id_ in names and not context.program.is_coroutine(id_)

    yield from _check(context, KNOWN_RULE, is_one_of(_KNOWN | context.settings.blocking), _followed, "blocking")
    yield from _check(context, KNOWN_RULE, is_one_of(_ON_DESCRIPTORS), _followed_unready, "blocking")


def _check(context: Context, rule: Rule, goal: _Goal, follow: _Follow, words: str) -> Iterator[Finding]:
    program = context.program
    goals = [id_ for id_ in program.incoming if goal(id_)]
    leading = {*goals, *program.reaching(goals, lambda edge: follow(context, edge), program.is_coroutine)}
    for fn in context.functions(COROUTINE):
        if fn.id not in leading:
            continue
        told: set[str] = set()
        elsewhere = _in_workers(context, fn) if rule is KNOWN_RULE else frozenset[Call]()
        for edge in program.edges(fn.id):
            if edge.callee not in leading or edge.callee in told or not follow(context, edge):
                continue
            if edge.call in elsewhere:
                continue
            told.add(edge.callee)
            way = [edge] if goal(edge.callee) else _beyond(context, edge, goal, follow)
            if way is not None and way[-1].callee not in told - {edge.callee}:
                told.add(way[-1].callee)
                yield _finding(context, rule, fn, way, words)


def _beyond(context: Context, edge: Edge, goal: _Goal, follow: _Follow) -> list[Edge] | None:
    """The way through a plain callee."""
    program = context.program

    def allowed(step: Edge) -> bool:
        return (goal(step.callee) or not program.is_coroutine(step.callee)) and follow(context, step)

    if program.is_coroutine(edge.callee):
        return None
    rest = program.path(edge.callee, goal, allowed, edge)
    return [edge, *rest] if rest is not None else None


def _followed(context: Context, edge: Edge) -> bool:
    call = edge.call
    if call.guard == "plain" or not context.matters(call):
        return False
    if call.callee:
        return True
    return not context.calls_coroutine(call) and len(context.program.targets(call)) <= _MOST_TARGETS


def _followed_unready(context: Context, edge: Edge) -> bool:
    """Whether an edge may lead to a call on a descriptor that nobody waited for."""
    if not _followed(context, edge) or (edge.callee in _WRITES and not context.program.is_coroutine(edge.caller)):
        return False
    fn = context.program.defined(edge.caller)
    return fn is None or not _repeated(fn, edge.call)


def _repeated(fn: FunctionFacts, call: Call) -> bool:
    """Whether a call is in a loop with one that waits."""
    if not any(_WAITS.search(other.callee) for other in fn.calls):
        return False
    places = {fn.calls[int(e.what)]: n for n, block in enumerate(fn.blocks) for e in block.events if e.kind == "call"}
    waits = {place for other, place in places.items() if _WAITS.search(other.callee)}
    here = places.get(call)
    if here is None:
        return False
    after = behind(fn, here)
    return any(wait in after and here in behind(fn, wait) for wait in waits)


def _in_workers(context: Context, fn: FunctionFacts) -> frozenset[Call]:
    """The calls between a yield that moved the coroutine to a worker thread and the one that brings it back."""
    if not any(_MOVERS.intersection(call.args) for call in fn.calls):
        return frozenset()

    def step(state: frozenset[str], event: Event) -> frozenset[str]:
        call = fn.calls[int(event.what)] if event.kind == "call" else None
        if call is not None and _MOVERS.intersection(call.args):
            return frozenset(("asked",))
        if call is not None and context.program.name(call.callee) == YIELD:
            return frozenset(("moved",)) if "asked" in state else frozenset()
        return state

    known = events(fn, step, states(fn, step, must=True))
    return frozenset(fn.calls[int(e.what)] for state, e in known if e.kind == "call" and "moved" in state)


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
KNOWN_RULE = Rule("W0501", "warning", check_known)
