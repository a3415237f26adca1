"""Fills the tables of paper.md from data/*.json: `python paper/make_tables.py` rewrites what follows each table mark.

A mark is `<!-- table: NAME -->` and belongs to `data/NAME.json` (from `cpc bench NAME --json`); the generated text
ends at the next heading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cpc.codes import CODES

HERE = Path(__file__).parent


def blk(data: dict[str, Any]) -> str:
    """Our daemon beside the peer: medians, and ours divided by the peer's."""
    lines = [
        "| queues x depth | IOPS | CPU us | peer IOPS | peer CPU us | IOPS ratio | CPU ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in data["rows"]:
        case, ours, peer = row["case"], row["ours"], row["peer"]
        ratios = (ours["iops"] / peer["iops"], ours["cpu_us"] / peer["cpu_us"])
        lines.append(
            f"| {case['queues']} x {case['depth']} | {ours['iops']:,.0f} | {ours['cpu_us']:.2f} "
            f"| {peer['iops']:,.0f} | {peer['cpu_us']:.2f} | {ratios[0]:.2f} | {ratios[1]:.2f} |"
        )
    return "\n".join([data["machine"].strip(), "", *lines])


def code(data: dict[str, Any]) -> str:
    """Geometric means of run times, cpc divided by the other compiler."""
    means = ", ".join(f"{ratio:.3f} of {compiler}'s" for compiler, ratio in sorted(data["cpc_to"].items()))
    return f"{data['machine'].strip()}\n\nRun time at -O{data['level']}, geometric mean: {means}."


def boot(data: dict[str, Any]) -> str:
    """Our VMM beside QEMU's microvm: medians until three marks, and ours divided by the peer's."""
    lines = [
        "| | init, ms | disk, ms | end, ms | exits: init | disk | end | init ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in data["boots"]:
        times, exits = one["milliseconds"], one["exits"]
        ratio = data["to_peer"].get(one["name"], {}).get("init")
        cells = [f"{times[mark]:,.0f}" for mark in times] + [f"{exits[mark]:,.0f}" for mark in exits]
        lines.append(f"| {one['name']} | {' | '.join(cells)} | {f'{ratio:.2f}' if ratio else ''} |")
    return "\n".join([data["machine"].strip(), "", *lines])


GROUPS = {
    "plain C": ("plain gcc", "plain clang"),
    "lazy, by hand": ("lazy gcc", "lazy clang"),
    "cpc": ("cpc",),
    "ucontext": ("ucontext",),
    "asm switch": ("asm switch",),
    "C++20": ("C++20 g++", "C++20 clang"),
    "Rust": ("Rust async",),
}
"""The columns of the table on coroutines: of several compilers the better figure counts, row by row."""


def grouped(figures: dict[str, float]) -> dict[str, float]:
    """The figures of one row by column."""
    found = {group: [figures[name] for name in names if name in figures] for group, names in GROUPS.items()}
    return {group: min(values) for group, values in found.items() if values}


def coroutines(data: dict[str, Any]) -> str:
    """Nanoseconds, bytes and seconds; then cpc divided by plain C, lazy capture and the best of the others."""
    heads = [*GROUPS, "/ plain", "/ lazy", "/ best other"]
    lines = [f"| | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    memory = {f"{name}, bytes": figures for name, figures in data["memory"].items()}
    rows = {**data["rows"], **memory, "1,000 yields, seconds": data["compile"]}
    for name, figures in rows.items():
        best = grouped(figures)
        others = [value for group, value in best.items() if group not in ("plain C", "lazy, by hand", "cpc")]
        cells = [f"{best[group]:,.2f}" if group in best else "" for group in GROUPS]
        for yardstick in (best.get("plain C"), best.get("lazy, by hand"), min(others) if others else None):
            cells.append(f"{best['cpc'] / yardstick:.2f}" if yardstick else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    missing = [f"No {name}: {why}." for name, why in data["missing"].items()]
    return "\n".join([data["machine"].strip(), "", *lines, *(["", *missing] if missing else [])])


def lint(data: dict[str, Any]) -> str:
    """What each program took, then its findings by rule."""
    programs = data["programs"]
    runs = ("cold", "nothing changed", "one file changed")
    lines = ["| program | units | lines | refused | " + " | ".join(f"{run}, s (CPU s)" for run in runs) + " | MiB |"]
    lines.append("|---|---|---|---|" + "---|" * len(runs) + "---|")
    for program in programs:
        costs = [program["runs"].get(run) for run in runs]  # some runs may not have been made
        times = [f"{cost['wall']:.1f} ({cost['cpu']:.1f})" if cost else "" for cost in costs]
        peak = max(cost["memory_mib"] for cost in program["runs"].values())
        counts = f"{program['units']:,} | {program['lines']:,} | {program['refused']}"
        lines.append(f"| {program['name']} | {counts} | {' | '.join(times)} | {peak:.0f} |")
    loads = [cost["load"] for program in programs for cost in program["runs"].values()]
    codes = sorted({code for program in programs for code in program["findings"]})
    lines += ["", f"| code | rule | {' | '.join(program['name'] for program in programs)} |"]
    lines.append("|---|---|" + "---|" * len(programs))
    for code in codes:
        cells = [str(program["findings"].get(code, 0)) for program in programs]
        lines.append(f"| {code} | {CODES[code].title} | {' | '.join(cells)} |")
    machine = f"{data['machine'].strip()}\nload of the machine before the runs: {min(loads):.1f} to {max(loads):.1f}"
    return "\n".join([machine, "", *lines])


TABLES: dict[str, Callable[[dict[str, Any]], str]] = {
    "blk": blk,
    "boot": boot,
    "code": code,
    "coroutines": coroutines,
    "lint": lint,
}


def fill(text: str, folder: Path) -> str:
    """`text` with every table made anew."""

    def table(mark: re.Match[str]) -> str:
        data = json.loads((folder / f"{mark[1]}.json").read_text())
        return f"<!-- table: {mark[1]} -->\n\n{TABLES[mark[1]](data)}\n\n"

    return re.sub(r"<!-- table: (\w+) -->\n.*?(?=^## |\Z)", table, text, flags=re.DOTALL | re.MULTILINE)


if __name__ == "__main__":
    paper = HERE / "paper.md"
    paper.write_text(fill(paper.read_text(), HERE / "data").rstrip("\n") + "\n")
