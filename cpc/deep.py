"""Runs a function where deep recursion is safe: a thread with a large stack.

Parser, builder and printers follow the nesting of the program.  Python's limit of 1,000 calls would refuse ordinary
generated code, and the main thread's stack cannot grow.  Past the limit set here they get a RecursionError, which
the driver reports as E0004.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
CALLS = 250_000
STACK_BYTES = 1 << 30  # reserved, not used until it is needed


def run_deep(work: Callable[[], T]) -> T:
    """`work()`, with its result or its exception, on a deep stack."""
    if sys.getrecursionlimit() >= CALLS and threading.current_thread().name == "cpc-deep":
        return work()
    results: list[T] = []
    failures: list[BaseException] = []

    def body() -> None:
        try:
            results.append(work())
        except BaseException as failure:  # handed to the caller below
            failures.append(failure)

    old_size = threading.stack_size(STACK_BYTES)
    old_limit = sys.getrecursionlimit()
    sys.setrecursionlimit(CALLS)
    try:
        thread = threading.Thread(target=body, name="cpc-deep", daemon=True)  # a signal ends the program at once
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(old_limit)
        threading.stack_size(old_size)
    if failures:
        raise failures[0]
    return results[0]
