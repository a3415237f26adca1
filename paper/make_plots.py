"""Draws coroutines.svg from data/coroutines.json: `python paper/make_plots.py`.

One group of bars per row, one bar per system, on a logarithmic scale of nanoseconds.  Plain SVG text, so that a change
of the data is a readable change of the plot, and nothing has to be installed.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from make_tables import GROUPS, HERE, grouped

ROWS = (
    "lifecycle", "cost", "yield", "call-8", "suspend-1", "suspend-8", "suspend-32", "separate-call-8",
    "separate-suspend-1", "separate-suspend-8", "buffer-suspend", "live-suspend",
)  # fmt: skip
COLOURS = dict(zip(GROUPS, ("#999999", "#e69f00", "#0072b2", "#d55e00", "#cc79a7", "#009e73", "#f0e442"), strict=True))
WIDTH, BAR, GAP, LEFT, TOP = 760, 9, 12, 140, 40
LOWEST, HIGHEST = 0.5, 1000.0


def x_of(nanoseconds: float) -> float:
    share = math.log(max(nanoseconds, LOWEST) / LOWEST) / math.log(HIGHEST / LOWEST)
    return LEFT + share * (WIDTH - LEFT - 20)


def draw(rows: dict[str, dict[str, float]]) -> str:
    parts: list[str] = []
    y = TOP
    for name in ROWS:
        figures = grouped(rows[name])
        parts.append(f'<text x="{LEFT - 8}" y="{y + BAR * len(figures) / 2 + 4:.0f}" text-anchor="end">{name}</text>')
        for group, value in figures.items():
            width = x_of(value) - LEFT
            shown = f"<title>{name}, {group}: {value:.2f} ns</title>"
            bar = f'x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 1}" fill="{COLOURS[group]}"'
            parts.append(f"<rect {bar}>{shown}</rect>")
            y += BAR
        y += GAP
    return "\n".join([*_head(y), *_grid(y), *parts, "</svg>"]) + "\n"


def _head(height: int) -> list[str]:
    size = f'width="{WIDTH}" height="{height + 20}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">']
    lines.append('<rect width="100%" height="100%" fill="white"/>')
    for index, (group, colour) in enumerate(COLOURS.items()):
        x = 20 + index * 104
        lines.append(f'<rect x="{x}" y="10" width="10" height="10" fill="{colour}"/>')
        lines.append(f'<text x="{x + 14}" y="19">{group}</text>')
    return lines


def _grid(height: int) -> list[str]:
    lines = []
    for mark in (1, 3, 10, 30, 100, 300, 1000):
        x = x_of(mark)
        lines.append(f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{height}" stroke="#ddd"/>')
        lines.append(f'<text x="{x:.1f}" y="{height + 12}" text-anchor="middle">{mark} ns</text>')
    return lines


if __name__ == "__main__":
    data = json.loads((HERE / "data" / "coroutines.json").read_text())
    Path(HERE / "coroutines.svg").write_text(draw(data["rows"]))
