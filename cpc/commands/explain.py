"""`cpc explain`: the long text of a diagnostic code, or what cpc makes of one coroutine function."""

from __future__ import annotations

import argparse
import re
import sys

from cpc.codes import CODES, Code

_EPILOG = """\
examples:
  cpc explain E0101                         what this diagnostic means, with examples
  cpc explain devices/blk.c:blk_execute     states, frame and what lives across each suspension
  cpc explain                               the list of all codes
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "explain",
        help="explain a diagnostic code, or a coroutine function",
        description="Explain a diagnostic code, or show the states and the frame of a coroutine function.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("subject", nargs="?", metavar="CODE | FILE:FUNCTION", help="what to explain")
    parser.add_argument("options", nargs="*", metavar="-I DIR ...", help="preprocessor options, after --, for a FILE")


def run(args: argparse.Namespace) -> int:
    if args.subject is None:
        for code in CODES.values():
            print(f"{code.code}  {code.title}")
        return 0
    if re.fullmatch(r"[EW]\d+", args.subject, re.IGNORECASE):
        return _explain_code(args.subject.upper())
    if ":" in args.subject:
        return _explain_function(args.subject, args.options)
    return _usage(f"'{args.subject}' is neither a code like E0101 nor FILE:FUNCTION")


def _explain_code(name: str) -> int:
    code = CODES.get(name)
    if code is None:
        return _usage(f"there is no code {name}; `cpc explain` lists all")
    print(code_text(code), end="")
    return 0


def code_text(code: Code) -> str:
    """Title and text of a code."""
    return f"{code.code}: {code.title}\n\n{code.text}"


def _explain_function(subject: str, options: list[str]) -> int:
    from cpc.explain_function import explain

    path, _, function = subject.rpartition(":")
    return explain(path, function, options)


def _usage(message: str) -> int:
    print(f"cpc explain: {message}", file=sys.stderr)
    return 2
