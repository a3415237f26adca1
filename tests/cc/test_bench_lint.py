"""`cpc bench lint` on a small project: its figures are those of runs that happened, and it counts what lint says."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from cpc.cli import main

PLAIN = "#include <qemu/coroutine.h>\nint coroutine_fn co(void);\nint plain(void) { return co(); }\n"


def test_a_project(tmp_path: Path) -> None:
    for name, text in (("a.c", PLAIN), ("b.c", "int f(void) { return 1 }\n"), ("c.c", "int g(void) { return 2; }\n")):
        (tmp_path / name).write_text(text)
        os.utime(tmp_path / name, (time.time() - 3600,) * 2)
    report = tmp_path / "report.json"
    report.write_text('{"programs": [{"name": "other"}, {"name": "own"}]}')
    assert main(["bench", "lint", "-j", "1", str(tmp_path), "--name", "own", "--json", str(report)]) == 0
    other, own = json.loads(report.read_text())["programs"]
    assert other == {"name": "other"}
    assert (own["name"], own["units"], own["refused"], own["findings"]) == ("own", 3, 1, {"E0101": 1})
    runs = own["runs"]
    assert list(runs) == ["cold", "nothing changed", "one file changed"]
    assert all(run["wall"] > 0 and run["cpu"] > 0 and run["memory_mib"] > 5 for run in runs.values())
