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


TABLES: dict[str, Callable[[dict[str, Any]], str]] = {"blk": blk, "code": code}


def fill(text: str, folder: Path) -> str:
    """`text` with every table made anew."""

    def table(mark: re.Match[str]) -> str:
        data = json.loads((folder / f"{mark[1]}.json").read_text())
        return f"<!-- table: {mark[1]} -->\n\n{TABLES[mark[1]](data)}\n\n"

    return re.sub(r"<!-- table: (\w+) -->\n.*?(?=^## |\Z)", table, text, flags=re.DOTALL | re.MULTILINE)


if __name__ == "__main__":
    paper = HERE / "paper.md"
    paper.write_text(fill(paper.read_text(), HERE / "data").rstrip("\n") + "\n")
