"""`cpc bench compile` on a small project: its figures are those of builds that happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpc import bench_compile
from cpc.bench_blk import BenchError
from tests.cc.conftest import Cpc


def test_project(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("#include <stdio.h>\nint main(void) { return puts(TEXT); }\n")
    project = bench_compile.Project([source], ['-DTEXT="x"'], source)
    said: list[str] = []
    rows = bench_compile.measure_project(project, 1, said.append)
    assert [row.name for row in rows] == ["build, from nothing", "build, nothing changed", "build, one file changed"]
    assert said == ["1 files, round 1 of 1"] and "bench_changed_0" in source.read_text()
    table = bench_compile.render_table([*rows, bench_compile.Row("unit", rows[0].cpc, rows[1].cpc)])
    assert table.count("\n") == 4 and "build, nothing changed" in table
    assert bench_compile.ratios(rows) == {}


def test_a_failed_build_is_no_figure(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("int main(void) { return x; }\n")
    with pytest.raises(BenchError, match="'x' is not declared"):
        bench_compile.measure_project(bench_compile.Project([source], [], source), 1, lambda text: None)


def test_time_report(cpc: Cpc) -> None:
    Path("t.c").write_text("int x;\n")
    done = cpc("cc", "-c", "-ftime-report", "t.c")
    assert done.status == 0 and [line.split()[2] for line in done.err.splitlines()][:3] == ["select", "parse", "build"]
