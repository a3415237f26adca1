"""The small programs of other compilers' test suites, run under `cpc cc` beside gcc and clang.

    python -m tests.suites [-j N] [--level L]... [--report FILE] SUITE[/PATTERN]...

Sources are Debian's (tests/sources.py), so nothing of them is in this repository.  A suite is a function that
lists its programs (`case.Case`); `runner.py` runs them and judges; what gcc itself does not pass is left out.
"""
