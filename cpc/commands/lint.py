"""`cpc lint`: the rules of coroutine_fn over whole programs, without compiling.

Exit status: 0 nothing found, 1 findings, 2 wrong usage or C that cannot be read.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections import Counter

from cpc.cc_options import UsageError
from cpc.diag import Diagnostic
from cpc.program.config import Configuration, check_annotations, fingerprint, read_baseline, write_baseline
from cpc.program.infer import infer
from cpc.program.lint import Selection, Shown, check, program_of
from cpc.program.program import Program
from cpc.program.repair import changes
from cpc.project import terminal_progress
from cpc.report import FORMATS, write
from cpc.report.places import relative
from cpc.sources import CommandFinder, add_source_arguments, find_sources

_EPILOG = """\
examples:
  cpc lint devices/                             every C file of a folder, as one program
  cpc lint -I include block/io.c                one file
  cpc lint -p build                             all of the project's own build, with its options
  cpc lint -p build block/ --exclude 'vv*'      some of it
  cpc lint -p build --format sarif >lint.sarif  for a code scanning service
  cpc lint -p build block/ --fix --dry-run      the annotations that are missing, as a diff

Rules (cpc explain CODE tells more): E0101 to E0107 coroutine_fn and its kin, W0501 and on advice about coroutines.
A comment allows a finding where it says why:   /* cpc-lint: allow E0101: entered by hand */
cpc.toml in a folder:   [lint] disable, blocking, exclude; [lint.annotations] MACRO = "coroutine_fn"

Exit status: 0 nothing found, 1 findings, 2 wrong usage or C that cannot be read.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "lint",
        help="check the rules of coroutine_fn",
        description="Check that calls and pointers of a program respect coroutine_fn and no_coroutine_fn.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_program_arguments(parser)
    add = parser.add_argument
    add("--format", choices=FORMATS, default="text", help="how to print the findings (default text)")
    add("--filter", action="append", default=[], metavar="GLOB", help="show findings in files that match only")
    add("--system-headers", action="store_true", help="show findings in system headers too")
    add("--fix", action="store_true", help="repair annotations in the sources, then check again")
    add("--dry-run", action="store_true", help="with --fix: print the changes as a unified diff, make none")
    add("--infer", action="store_true", help="print the annotations that would make the program consistent, and why")
    add("--baseline", metavar="FILE", help="leave out the findings that FILE accepts")
    add("--write-baseline", metavar="FILE", help="accept the findings of this run: write them to FILE")


def add_program_arguments(parser: argparse.ArgumentParser) -> None:
    """Which sources are the program; `selection_of` reads them."""
    add_source_arguments(parser, optional=True)
    add = parser.add_argument
    add("-j", "--jobs", type=int, default=0, metavar="N", help="read N files at once (default: CPUs)")
    add("--exclude", action="append", default=[], metavar="GLOB", help="do not read files that match")
    add(
        "--annotation",
        action="append",
        default=[],
        metavar="COLOR=MACRO",
        help="a macro that means coroutine_fn, coroutine_mixed_fn or no_coroutine_fn, whatever it expands to",
    )


def program_words(args: argparse.Namespace) -> list[str]:
    """The arguments of `add_program_arguments` as words again."""
    words = [f"-I{d}" for d in args.include] + [f"-D{d}" for d in args.define] + [f"-U{d}" for d in args.undefine]
    words += [f"-std={args.std}"] if args.std else []
    words += [f"--target={args.target}"] if args.target else []
    words += ["-p", args.database] if args.database else []
    words += ["--jobs", str(args.jobs)]
    words += [f"--exclude={glob}" for glob in args.exclude] + [f"--annotation={text}" for text in args.annotation]
    return [*words, *args.paths]


def run(args: argparse.Namespace) -> int:
    gc.disable()  # what is read has no circles, and is all needed until the end
    try:
        selection = selection_of(args)
        accepted = read_baseline(args.baseline) if args.baseline else Counter[str]()
        program = program_of(selection, terminal_progress("reading"))
        shown = check(program, selection, patterns=args.filter, system_headers=args.system_headers)
        if args.infer:
            return _infer(program, selection)
        if args.fix:
            return _fix(program, selection, args)
        found = _not_accepted(shown, accepted, args.baseline or "")
        if args.write_baseline:
            write_baseline(args.write_baseline, (d for d in shown.diagnostics if not _is_fault(d)))
            return 0
    except UsageError as error:
        print(f"cpc lint: {error}", file=sys.stderr)
        return 2
    print(write(args.format, found, color=sys.stdout.isatty()), end="")
    return exit_status(found)


def _infer(program: Program, selection: Selection) -> int:
    inferred = infer(program, selection.settings())
    for id_, (repair, finding) in inferred.repairs.items():
        name = program.slot_words(id_) if repair.slot else f"'{program.name(id_)}'"
        does = f"mark {name} {repair.color}" if repair.color else f"remove the annotation of {name}"
        place = finding.diagnostic.loc
        print(f"{does}: {relative(place.file)}:{place.line}: {finding.diagnostic.message}")
        for note in finding.diagnostic.notes:
            print(f"    {relative(note.loc.file)}:{note.loc.line}: {note.message}")
    return 1 if inferred.repairs else 0


def _fix(program: Program, selection: Selection, args: argparse.Namespace) -> int:
    """Makes the changes; takes them back when the units could be read before and cannot be with them."""
    inferred = infer(program, selection.settings())
    spelled = {color: macro for macro, color in selection.annotations.items()}
    made = changes(program, [repair for repair, _ in inferred.repairs.values()], spelled)
    for loc in made.refused:
        print(f"cpc lint: {relative(loc.file)}:{loc.line}: this declaration cannot be changed", file=sys.stderr)
    if args.dry_run:
        folder = made.folder()
        if made.texts and folder != os.getcwd():
            print(f"cpc lint: the names are those in '{folder}'; use patch -p1 -d '{folder}'", file=sys.stderr)
        print(made.diff(folder), end="")
        return 1 if made.texts else 0
    try:
        made.write()
    except OSError as error:
        made.undo()
        raise UsageError(f"cannot write '{error.filename}': {error.strerror}") from None
    again = program_of(selection, terminal_progress("reading"))
    if again.faults and not program.faults:
        made.undo()
        print(write(args.format, again.faults), end="")
        raise UsageError("with the annotations these files cannot be read; nothing was changed")
    shown = check(again, selection, patterns=args.filter, system_headers=args.system_headers)
    print(f"cpc lint: {len(inferred.repairs)} annotations repaired in {len(made.texts)} files", file=sys.stderr)
    print(write(args.format, shown.diagnostics, color=sys.stdout.isatty()), end="")
    return exit_status(shown.diagnostics)


def selection_of(args: argparse.Namespace) -> Selection:
    """What the arguments of a command with `add_program_arguments` mean.  Raises UsageError."""
    finder = CommandFinder(args)
    if not args.paths and not args.database:
        raise UsageError("say which files: PATH... or -p compile_commands.json")
    sources = find_sources(args.paths, finder.known) if args.paths else finder.sources()
    if not sources:
        raise UsageError(f"'{args.database}' names no C file")
    return Selection(
        sources,
        finder,
        Configuration(),
        _annotations(args.annotation),
        args.exclude,
        args.jobs,
    )


def _annotations(words: list[str]) -> dict[str, str]:
    table: dict[str, str] = {}
    for word in words:
        color, _, macro = word.partition("=")
        if not macro.isidentifier():
            raise UsageError(f"--annotation wants COLOR=MACRO, not '{word}'")
        table[macro] = color
    check_annotations(table, "--annotation")
    return table


def _not_accepted(shown: Shown, accepted: Counter[str], baseline: str) -> list[Diagnostic]:
    """The findings beyond those that the baseline accepts; faults are never accepted."""
    left = Counter(accepted)
    found: list[Diagnostic] = []
    for diagnostic in shown.diagnostics:
        key = fingerprint(diagnostic, baseline)
        if left[key] > 0 and not _is_fault(diagnostic):
            left[key] -= 1
        else:
            found.append(diagnostic)
    return found


def _is_fault(diagnostic: Diagnostic) -> bool:
    """Whether it is no finding of a rule: the rules could not be checked everywhere."""
    return diagnostic.code.startswith("E00")


def exit_status(found: list[Diagnostic]) -> int:
    if any(_is_fault(diagnostic) for diagnostic in found):
        return 2
    return 1 if found else 0
