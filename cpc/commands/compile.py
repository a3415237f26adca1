"""`cpc compile`: the C files of a project, in parallel, and only what changed since the last time."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cpc.cc_options import UsageError, target_of
from cpc.diag import MOST_SHOWN, Diagnostics, render
from cpc.link import link
from cpc.loc import Loc
from cpc.options import Dumps, Options
from cpc.project import Job, Product, compile_all, terminal_progress
from cpc.sources import CommandFinder, add_source_arguments, find_sources

_EPILOG = """\
examples:
  cpc compile src/ -o prog                            an executable
  cpc compile devices/ -o out --emit obj              one object per file, in the folder out
  cpc compile devices/blk.c -o out --emit ir          cpc's own representation as text, after all passes
  cpc compile devices/ -o out --emit c            C for any compiler, with coroutines converted (out/blk.cpc.c)
  cpc compile f.c -o out --emit ir --dump-after=spill --dump-fn=f    ... and the function f after one pass

Exit status: 0 all was made, 1 the program is wrong, 2 wrong usage.
"""
_KINDS = {"exe": "obj", "shared": "obj", "obj": "obj", "llvm": "llvm", "ir": "ir", "c": "c"}
_SUFFIXES = {"obj": ".o", "llvm": ".ll", "ir": ".ir", "c": ".cpc.c"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "compile",
        help="compile the C of a project",
        description="Compile C files and folders of them, in parallel; unchanged files cost nothing.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_source_arguments(parser)
    parser.add_argument("-o", dest="output", required=True, metavar="OUT", help="the file, or the folder, to make")
    parser.add_argument("--emit", choices=tuple(_KINDS), default="exe", help="what to make (default exe)")
    parser.add_argument("-O", dest="level", default="2", choices=("0", "1", "2", "3", "s"), help="optimise (default 2)")
    parser.add_argument("-g", dest="debug", action="store_true", help="types, variables and lines for debuggers")
    parser.add_argument("-l", dest="libraries", action="append", default=[], metavar="LIB", help="link with LIB")
    parser.add_argument("-j", dest="workers", type=int, default=0, metavar="N", help="N files at once (default: CPUs)")
    group = parser.add_argument_group("looking at the work")
    group.add_argument("--dump-after", default="", metavar="PASS,...", help="print the IR after these passes, or 'all'")
    group.add_argument("--dump-fn", default="", metavar="NAME", help="only this function")
    group.add_argument("--dump-dir", type=Path, metavar="DIR", help="write the dumps to files in DIR/UNIT")
    group.add_argument("--stop-after", default="", metavar="PASS", help="do no more than this pass (with --emit ir)")
    group.add_argument("--time-passes", action="store_true", help="print the time of each step")


def run(args: argparse.Namespace) -> int:
    try:
        sources = find_sources(args.paths)
        finder = CommandFinder(args)
        jobs = [Job(s, _KINDS[args.emit], _options(args, finder, s)) for s in sources]
        _check_passes(args)
        _make_folder(args)
    except UsageError as error:
        print(f"cpc compile: {error}", file=sys.stderr)
        return 2
    watched = bool(args.dump_after or args.time_passes)
    products = compile_all(jobs, terminal_progress("compiling"), workers=1 if watched else max(0, args.workers))
    diags = Diagnostics()
    for product in products:
        diags.extend(product.diagnostics)
    if not diags.has_errors:
        _finish(args, sources, products, diags)
    print(render(diags.sorted(), color=sys.stderr.isatty(), limit=MOST_SHOWN), end="", file=sys.stderr)
    return 1 if diags.has_errors else 0


def _options(args: argparse.Namespace, finder: CommandFinder, source: str) -> Options:
    words = [f"-O{args.level}", *(["-g"] if args.debug else []), *(["-fPIC"] if args.emit == "shared" else [])]
    folder = args.dump_dir / Path(source).stem if args.dump_dir else None
    dumps = Dumps(
        tuple(args.dump_after.split(",")) if args.dump_after else (),
        args.dump_fn,
        folder,
        args.stop_after,
        args.time_passes,
    )
    return replace(finder.command(source, words).options(), dumps=dumps)


def _check_passes(args: argparse.Namespace) -> None:
    if not args.dump_after and not args.stop_after:
        return  # without loading the passes
    from cpc.passes import PIPELINE

    known = ["build", *(step.name for step in PIPELINE)]
    for name in [*args.dump_after.split(","), args.stop_after]:
        if name not in ("", "all", *known):
            raise UsageError(f"there is no pass '{name}'; passes are: {', '.join(dict.fromkeys(known))}")
    if args.stop_after and args.emit != "ir":
        raise UsageError("--stop-after needs --emit ir: what a pass leaves is not a program yet")


def _make_folder(args: argparse.Namespace) -> None:
    """With one product per unit OUT is a folder."""
    if args.emit not in ("exe", "shared"):
        try:
            Path(args.output).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot make the folder '{args.output}': {error.strerror}") from None


def _finish(args: argparse.Namespace, sources: Sequence[str], products: Sequence[Product], diags: Diagnostics) -> None:
    """Writes the products, or links them."""
    if args.emit not in ("exe", "shared"):
        _write(Path(args.output), sources, products, _SUFFIXES[args.emit], diags)
        return
    with tempfile.TemporaryDirectory(prefix="cpc-") as name:
        objects = _write(Path(name), sources, products, ".o", diags)
        words = [*(["-shared"] if args.emit == "shared" else []), *objects, *(f"-l{lib}" for lib in args.libraries)]
        if not diags.has_errors:
            link(words, args.output, diags, target_of([f"--target={args.target}"] if args.target else []))


def _write(
    folder: Path, sources: Sequence[str], products: Sequence[Product], suffix: str, diags: Diagnostics
) -> list[str]:
    """One file per unit, named after it; equal names get their folder's name in front."""
    stems = [Path(s).stem for s in sources]
    written: list[str] = []
    for source, stem, product in zip(sources, stems, products, strict=True):
        name = stem if stems.count(stem) == 1 else "-".join(Path(source).with_suffix("").parts).lstrip("/-.")
        target = folder / f"{name}{suffix}"
        try:
            target.write_bytes(product.data or b"")
        except OSError as error:
            diags.error("E0003", Loc(str(target)), f"cannot write this file: {(error.strerror or '').lower()}")
        written.append(str(target))
    return written
